#include <algorithm>
#include <array>

#include "kpd/expression/function_bodies.h"

namespace kpd::expression {
namespace {

constexpr ValueType text = ValueType::text, numeric = ValueType::number, flag = ValueType::flag;

// clang-format off
constexpr std::array kFunctions{
    // letters, blanks, lengths and places; characters count, not bytes
    FunctionInfo{"upper", "upper(s)", 1, 1, text, upper, nullptr,
                 "letters a-z as capitals", "upper('Ivanov')", "IVANOV"},
    FunctionInfo{"lower", "lower(s)", 1, 1, text, lower, nullptr,
                 "letters A-Z as small letters", "lower('RU')", "ru"},
    FunctionInfo{"trim", "trim(s)", 1, 1, text, trim, nullptr,
                 "no blanks at either end", "trim('  IVANOV ')", "IVANOV"},
    FunctionInfo{"squeeze", "squeeze(s)", 1, 1, text, squeeze, nullptr,
                 "trimmed, runs of blanks as one", "squeeze('IVANOV   PETR ')", "IVANOV PETR"},
    FunctionInfo{"len", "len(s)", 1, 1, numeric, len, nullptr,
                 "number of characters", "len('ABC')", "3"},
    FunctionInfo{"sub", "sub(s, from, count)", 2, 3, text, sub, nullptr,
                 "the characters from a place (1 is the first) on; without count to the end",
                 "sub('123456789', 2, 3)", "234"},
    FunctionInfo{"left", "left(s, count)", 2, 2, text, left, nullptr,
                 "the first characters", "left('123456789', 6)", "123456"},
    FunctionInfo{"right", "right(s, count)", 2, 2, text, right, nullptr,
                 "the last characters", "right('123456789', 2)", "89"},
    FunctionInfo{"pad_left", "pad_left(s, width, fill)", 3, 3, text, pad_left, nullptr,
                 "filled on the left; longer texts are a fault", "pad_left('5000', 12, '0')",
                 "000000005000"},
    FunctionInfo{"pad_right", "pad_right(s, width, fill)", 3, 3, text, pad_right, nullptr,
                 "filled on the right; longer texts are a fault", "pad_right('AB', 4, '.')",
                 "AB.."},
    FunctionInfo{"overlay", "overlay(s, from, new)", 3, 3, text, overlay, nullptr,
                 "with other characters from a place on", "overlay('201', 3, '6')", "206"},
    // parts and choices
    FunctionInfo{"replace", "replace(s, from, to)", 3, 3, text, replace, nullptr,
                 "every occurrence of a text changed", "replace('A-B-C', '-', '')", "ABC"},
    FunctionInfo{"part", "part(s, separator, n)", 3, 3, text, part, nullptr,
                 "the n-th of the parts between separators, empty when there is none",
                 "part('IVANOV/PETR', '/', 2)", "PETR"},
    FunctionInfo{"join", "join(separator, a, ...)", 2, kAnyNumber, text, join, nullptr,
                 "the texts that are not empty, separators between",
                 "join('/', 'IVANOV', '', 'PETR')", "IVANOV/PETR"},
    FunctionInfo{"coalesce", "coalesce(a, b, ...)", 2, kAnyNumber, text, coalesce, nullptr,
                 "the first that is not empty", "coalesce('', '00')", "00"},
    FunctionInfo{"lookup", "lookup(s, key, value, ..., else)", 3, kAnyNumber, text, lookup,
                 check_lookup, "the value of the key that s is; a fault when none is and no else",
                 "lookup('B', 'A', '1', 'B', '2', '9')", "2"},
    FunctionInfo{"one_of", "one_of(s, a, ...)", 2, kAnyNumber, flag, one_of, nullptr,
                 "whether s is one of the texts", "one_of('B', 'A', 'B')", "true"},
    FunctionInfo{"starts_with", "starts_with(s, start)", 2, 2, flag, starts_with, nullptr,
                 "whether s starts so", "starts_with('476173', '4761')", "true"},
    FunctionInfo{"ends_with", "ends_with(s, end)", 2, 2, flag, ends_with, nullptr,
                 "whether s ends so", "ends_with('photo.jpg', '.png')", "false"},
    FunctionInfo{"contains", "contains(s, what)", 2, 2, flag, contains, nullptr,
                 "whether it stands in s", "contains('IVANOV/PETR', '/')", "true"},
    // numbers of cards
    FunctionInfo{"digits", "digits(s)", 1, 1, text, digits, nullptr,
                 "only the digits", "digits('4761 7390-0101')", "476173900101"},
    FunctionInfo{"is_digits", "is_digits(s)", 1, 1, flag, is_digits, nullptr,
                 "whether s is digits alone, one at least", "is_digits('12A')", "false"},
    FunctionInfo{"groups", "groups(s)", 1, 1, text, groups, nullptr,
                 "blanks after every fourth character", "groups('476173900101')",
                 "4761 7390 0101"},
    FunctionInfo{"last4", "last4(s)", 1, 1, text, last4, nullptr,
                 "the last four characters", "last4('4761739001010119')", "0119"},
    FunctionInfo{"mask", "mask(pan)", 1, 1, text, mask, nullptr,
                 "first six and last four digits, the others '*'", "mask('4761739001010119')",
                 "476173******0119"},
    FunctionInfo{"luhn", "luhn(s)", 1, 1, text, luhn, nullptr,
                 "with its check digit behind", "luhn('476173900101011')", "4761739001010119"},
    FunctionInfo{"luhn_ok", "luhn_ok(s)", 1, 1, flag, luhn_ok, nullptr,
                 "whether the last digit is the right check digit", "luhn_ok('4761739001010119')",
                 "true"},
    FunctionInfo{"hex", "hex(s)", 1, 1, text, hex, nullptr,
                 "the text's bytes in hexadecimal", "hex('DAC1')", "44414331"},
    FunctionInfo{"unhex", "unhex(s)", 1, 1, text, unhex, nullptr,
                 "the text of hexadecimal bytes", "unhex('44414331')", "DAC1"},
    // dates; an empty text stays empty
    FunctionInfo{"date", "date(s, from, to)", 3, 3, text, date, check_date,
                 "a date in another order: DD MM YY YYYY and - . / or blanks",
                 "date('31.12.2031', 'DD.MM.YYYY', 'YYMMDD')", "311231"},
    FunctionInfo{"mm_yy", "mm_yy(yymm)", 1, 1, text, mm_yy, nullptr,
                 "a month as people read it; as a filter also mm/yy", "mm_yy('3112')", "12/31"},
    FunctionInfo{"end_of_month", "end_of_month(yymm)", 1, 1, text, end_of_month, nullptr,
                 "its last day, YYMMDD", "end_of_month('2802')", "280229"},
    FunctionInfo{"add_months", "add_months(yymm, n)", 2, 2, text, add_months, nullptr,
                 "so many months later", "add_months('2611', 36)", "2911"},
    // integers and amounts
    FunctionInfo{"number", "number(s)", 1, 1, numeric, number, nullptr,
                 "an integer without leading zeros", "number('000420')", "420"},
    FunctionInfo{"min", "min(a, b, ...)", 2, kAnyNumber, numeric, min, nullptr,
                 "the smallest integer", "min(7, '05')", "5"},
    FunctionInfo{"max", "max(a, b, ...)", 2, kAnyNumber, numeric, max, nullptr,
                 "the largest integer", "max(7, '05')", "7"},
    FunctionInfo{"to_minor", "to_minor(s, places)", 2, 2, numeric, to_minor, nullptr,
                 "an amount with a point or comma in minor units", "to_minor('1500.5', 2)",
                 "150050"},
    FunctionInfo{"from_minor", "from_minor(n, places)", 2, 2, text, from_minor, nullptr,
                 "minor units as an amount with a point", "from_minor('150050', 2)", "1500.50"},
};
// clang-format on

}  // namespace

std::span<const FunctionInfo> functions() {
  return kFunctions;
}

const FunctionInfo* find_function(std::string_view name) {
  const auto* found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                   [&](const FunctionInfo& f) { return f.name == name; });
  return found != kFunctions.end() ? found : nullptr;
}

}  // namespace kpd::expression

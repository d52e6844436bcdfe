// Dates in the orders of back offices.
#include <array>

#include "emvcrypto/dates.h"
#include "kpd/expression/function_bodies.h"
#include "kpd/expression/integer.h"

namespace kpd::expression {
namespace {

constexpr int kCentury = 2000;  // of years with two digits, as emvcrypto/dates.h

/// A place of a pattern.
enum class Unit { day, month, year, short_year };
struct UnitName {
  std::string_view letters;
  Unit unit;
};
constexpr std::array kUnits{UnitName{"DD", Unit::day}, UnitName{"MM", Unit::month},
                            UnitName{"YYYY", Unit::year}, UnitName{"YY", Unit::short_year}};

const UnitName* unit_at(std::string_view pattern) {
  for (const UnitName& unit : kUnits)
    if (pattern.starts_with(unit.letters)) return &unit;
  return nullptr;
}

/// What a pattern has; other letters or a unit twice make it no pattern.
struct Pattern {
  int days = 0, months = 0, years = 0;
  bool readable = true;

  explicit Pattern(std::string_view pattern) {
    while (!pattern.empty()) {
      const UnitName* unit = unit_at(pattern);
      if (unit == nullptr && std::string_view("-./ ").find(pattern[0]) == std::string_view::npos)
        readable = false;
      if (unit != nullptr) ++count(unit->unit);
      pattern.remove_prefix(unit != nullptr ? unit->letters.size() : 1);
    }
    readable = readable && days <= 1 && months <= 1 && years <= 1;
  }

 private:
  int& count(Unit unit) { return unit == Unit::day ? days : unit == Unit::month ? months : years; }
};

/// Why dates cannot go from one pattern to the other; empty when they can.
std::string find_mistake(std::string_view from, std::string_view to) {
  const Pattern a(from), b(to);
  if (!a.readable || !b.readable)
    return "a date's pattern has DD, MM, YY or YYYY once each, and - . / or blanks";
  if (a.months == 0 || a.years == 0) return "a date has a month and a year: 'DDMMYY'";
  if (to.empty()) return "the second pattern is empty";
  if (b.days > a.days) return "the day is not in the first pattern";
  return {};
}

std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int value = 0;
  if (text.size() < digits) return std::nullopt;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

/// The date that a text is by its pattern; nothing unless it is a real one of the years 1-9999.
std::optional<emvcrypto::Date> read(std::string_view text, std::string_view pattern) {
  emvcrypto::Date date;
  while (!pattern.empty()) {
    const UnitName* unit = unit_at(pattern);
    if (unit == nullptr) {
      if (text.empty() || text[0] != pattern[0]) return std::nullopt;
      text.remove_prefix(1);
      pattern.remove_prefix(1);
      continue;
    }
    const auto value = take_number(text, unit->letters.size());
    if (!value) return std::nullopt;
    if (unit->unit == Unit::day) date.day = *value;
    if (unit->unit == Unit::month) date.month = *value;
    if (unit->unit == Unit::year) date.year = *value;
    if (unit->unit == Unit::short_year) date.year = kCentury + *value;
    pattern.remove_prefix(unit->letters.size());
  }
  if (!text.empty() || date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > emvcrypto::days_in_month(date.year, date.month))
    return std::nullopt;
  return date;
}

std::string two_digits(int value) {
  return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}

std::string written(const emvcrypto::Date& date, std::string_view pattern) {
  std::string text;
  while (!pattern.empty()) {
    const UnitName* unit = unit_at(pattern);
    if (unit == nullptr) {
      text += pattern[0];
      pattern.remove_prefix(1);
      continue;
    }
    if (unit->unit == Unit::day) text += two_digits(date.day);
    if (unit->unit == Unit::month) text += two_digits(date.month);
    if (unit->unit == Unit::year) text += two_digits(date.year / 100);
    if (unit->unit == Unit::year || unit->unit == Unit::short_year) text += two_digits(date.year);
    pattern.remove_prefix(unit->letters.size());
  }
  return text;
}

bool has_short_year(std::string_view pattern) {
  return pattern.find("YY") != std::string_view::npos &&
         pattern.find("YYYY") == std::string_view::npos;
}

}  // namespace

Result date(Arguments a) {
  if (auto wrong = find_mistake(a[1], a[2]); !wrong.empty()) return refuse(std::move(wrong));
  if (a[0].empty()) return std::string();
  const auto found = read(a[0], a[1]);
  if (!found) return refuse("this is no date " + a[1]);
  if (has_short_year(a[2]) && found->year / 100 * 100 != kCentury)
    return refuse("two digits are a year of 2000 to 2099");
  return written(*found, a[2]);
}

std::string check_date(Literals a) {
  if (a[1] == nullptr || a[2] == nullptr) return "a date's patterns are texts: 'DDMMYY'";
  return find_mistake(*a[1], *a[2]);
}

Result mm_yy(Arguments a) {
  if (a[0].empty()) return std::string();
  if (a[0].size() != 4 || !emvcrypto::parse_yymm_end(a[0])) return refuse("this is no month YYMM");
  return a[0].substr(2) + "/" + a[0].substr(0, 2);
}

Result end_of_month(Arguments a) {
  if (a[0].empty()) return std::string();
  const auto date = emvcrypto::parse_yymm_end(a[0]);
  if (!date) return refuse("this is no month YYMM");
  return date->yymmdd();
}

Result add_months(Arguments a) {
  const auto count = parse_integer(a[1]);
  if (!count || *count < -1200 || *count > 1200)
    return refuse("the number of months is no integer of -1200 to 1200");
  if (a[0].empty()) return std::string();
  const auto date = emvcrypto::parse_yymm_end(a[0]);
  if (!date) return refuse("this is no month YYMM");
  const int month = (date->year - kCentury) * 12 + date->month - 1 + static_cast<int>(*count);
  if (month < 0 || month >= 1200) return refuse("the month is not within 2000 to 2099");
  return emvcrypto::Date{kCentury + month / 12, month % 12 + 1, 1}.yymm();
}

}  // namespace kpd::expression

#include "kpd/intake/field_check.h"

#include <catch2/catch.hpp>

#include "kpd/intake/date_reader.h"

using kpd::FieldPlan;
using kpd::FieldType;

namespace {

struct Sample {
  FieldType type;
  std::size_t min, max;
  std::string text;
  std::string result;  ///< what is kept, or "!" and the fault's code; "=": the text itself
};

std::ostream& operator<<(std::ostream& out, const Sample& sample) {
  return out << "type " << static_cast<int>(sample.type) << " '" << sample.text << "' "
             << sample.result;
}

kpd::Plan some_plan() {
  kpd::Plan plan;
  plan.date = {2026, 11, 22};
  plan.products = {{"CLASSIC", 0}};
  return plan;
}

const kpd::FieldLookup kNothing = [](kpd::FieldId) { return std::string_view(); };

/// What is kept of a text, or "!" and the fault.
std::string kept(const FieldPlan& field, const std::string& text, const kpd::Plan& plan,
                 const kpd::FieldLookup& earlier = kNothing) {
  const auto read = kpd::read_field(field, text, plan, earlier);
  if (read) return *read;
  CHECK_FALSE(read.error().reason.empty());
  return "!" + read.error().code;
}
std::string kept(const FieldPlan& field, const std::string& text) {
  return kept(field, text, some_plan());
}

FieldPlan dated(const std::string& name, FieldType type, const std::string& format) {
  FieldPlan field{name, type, 0, 10, true};
  field.format = format;
  return field;
}

/// A plan of effective and expiry dates.
kpd::Plan dated_plan() {
  kpd::Plan plan = some_plan();
  plan.fields = {{"expiry", FieldType::expiry, 4, 4, true},
                 {"effective", FieldType::date, 6, 6, false}};
  plan.roles.expiry = 0;
  plan.roles.effective = 1;
  return plan;
}

std::string record_fault(const kpd::Plan& plan, const std::string& expiry,
                         const std::string& effective) {
  const std::vector<std::string> values{expiry, effective};
  const auto found =
      kpd::check_dates(plan, [&](kpd::FieldId id) { return std::string_view(values.at(id)); });
  return found ? found->field + ":" + found->fault.code : "";
}

}  // namespace

TEST_CASE("a field's text must be what its type says") {
  using enum FieldType;
  const auto sample = GENERATE(values<Sample>({
      {n, 1, 12, "0", "="},
      {n, 1, 12, "012345678901", "="},
      {n, 1, 12, "0123456789012", "!length"},
      {n, 2, 2, "1", "!length"},
      {n, 1, 12, "12a", "!format"},
      {n, 1, 12, "-1", "!format"},
      {n, 1, 12, " 1", "!format"},
      {n, 1, 12, "\xD9\xA1", "!format"},  // a digit of another script
      {an, 1, 8, "Az09", "="},
      {an, 1, 8, "A-9", "!format"},
      {an, 1, 8, "\xC3\x84", "!format"},
      {ans, 1, 27, "THE \"BLUE\" CAFE", "="},
      {ans, 1, 27, "M\xC3\xBCller", "="},
      {ans, 1, 27, "a\tb", "!format"},
      {ans, 1, 27, "a\nb", "!format"},
      {ans, 1, 27, "a\x7F", "!format"},
      {b, 2, 8, "00fF", "="},
      {b, 2, 8, "00f", "!format"},
      {b, 2, 8, "0x00", "!format"},
      {pan, 12, 19, "4761739001010119", "="},
      {pan, 12, 19, "5413340000000000010", "!luhn"},
      {pan, 12, 19, "4761739001010118", "!luhn"},
      {pan, 12, 19, "476173900101011X", "!format"},
      {pan, 12, 19, "47617390010", "!length"},
      {pan, 12, 19, "47617390010101190000", "!length"},
      {service_code, 3, 3, "201", "="},
      {service_code, 3, 3, "947", "="},
      {service_code, 3, 3, "301", "!service-code"},
      {service_code, 3, 3, "211", "!service-code"},
      {service_code, 3, 3, "208", "!service-code"},
      {service_code, 3, 3, "20A", "!service-code"},
      {service_code, 3, 3, "20", "!service-code"},
      {country, 3, 3, "276", "="},
      {country, 3, 3, "004", "="},
      {country, 2, 3, "GB", "826"},
      {country, 2, 3, "GBR", "826"},
      {country, 2, 3, "XX", "!country"},
      {country, 2, 3, "000", "!country"},
      {country, 3, 3, "27A", "!country"},
      {country, 3, 3, "76", "!country"},
      {currency, 3, 3, "978", "="},
      {currency, 3, 3, "008", "="},
      {currency, 3, 3, "280", "!currency"},  // withdrawn in 2002
      {currency, 3, 3, "EUR", "978"},
      {currency, 3, 3, "eur", "!currency"},
      {currency, 3, 3, "XYZ", "!currency"},
      {currency, 3, 3, "9780", "!currency"},
      {language, 2, 2, "de", "="},
      {language, 2, 2, "DE", "!language"},
      {language, 2, 2, "d1", "!language"},
      {language, 2, 2, "deu", "!language"},
      {language, 2, 2, "xx", "!language"},
      {name, 2, 26, "PETROVA/OLGA", "="},
      {name, 2, 26, "O'NEIL/ANN-MARIE.DR", "="},
      {name, 2, 26, "petrova/olga", "!name-character"},
      {name, 2, 26, "M\xC3\x9CLLER/ZOE", "!name-character"},
      {name, 2, 26, "A^B", "!name-character"},
      {name, 2, 26, "A?B", "!name-character"},
      {name, 2, 26, "A%B", "!name-character"},
      {name, 2, 26, "A", "!name-length"},
      {name, 2, 26, "ABCDEFGHIJKLMNOPQRSTUVWXYZA", "!name-length"},
      {pin_block, 16, 16, "459175225D378AAE", "="},
      {pin_block, 16, 16, "459175225d378aae", "="},
      {pin_block, 16, 16, "459175225D378AAG", "!pin-hex"},
      {pin_block, 16, 16, "459175225D378AA", "!pin-hex"},
      {pin_block, 32, 32, "459175225D378AAE459175225D378AAE", "="},
      {product, 1, 64, "CLASSIC", "="},
      {product, 1, 64, "classic", "!product"},
      {product, 1, 64, "GOLD", "!product"},
  }));
  CAPTURE(sample);
  CHECK(kept({"field", sample.type, sample.min, sample.max, true}, sample.text) ==
        (sample.result == "=" ? sample.text : sample.result));
}

TEST_CASE("an empty field is missing where it is required") {
  CHECK(kept({"field", FieldType::n, 1, 9, true}, "") == "!missing");
  CHECK(kept({"field", FieldType::n, 1, 9, false}, "").empty());
  CHECK(kept({"field", FieldType::pan, 12, 19, true}, "") == "!missing");
  CHECK(kept({"field", FieldType::ans, 0, 9, true}, "") == "!missing");
  CHECK(kept({"field", FieldType::ans, 0, 9, false}, "").empty());
}

TEST_CASE("what is said of a field's fault holds nothing of the field") {
  const auto read = kpd::read_field({"pan", FieldType::pan, 12, 19, true}, "4761739001010118",
                                    some_plan(), kNothing);
  REQUIRE_FALSE(read);
  CHECK_THAT(read.error().reason, !Catch::Contains("4761"));
  CHECK_THAT(read.error().reason, !Catch::Contains("0118"));
}

TEST_CASE("characters are counted, not bytes") {
  const FieldPlan field{"name", FieldType::ans, 6, 6, true};
  CHECK(kept(field, "M\xC3\xBCller") == "M\xC3\xBCller");
  CHECK(kept(field, "Muller!") == "!length");
}

TEST_CASE("a date is read as the job writes it and kept as cards do") {
  using enum FieldType;
  struct Case {
    FieldType type;
    std::string format, text, result;
  };
  const auto one = GENERATE(values<Case>({
      {date, "YYMMDD", "261101", "261101"},
      {date, "YYMMDD", "280229", "280229"},
      {date, "YYMMDD", "270229", "!day"},
      {date, "YYMMDD", "260431", "!day"},
      {date, "YYMMDD", "260400", "!day"},
      {date, "YYMMDD", "261301", "!month"},
      {date, "YYMMDD", "260001", "!month"},
      {date, "YYMMDD", "26-1-1", "!format"},
      {date, "YYMMDD", "2611", "!length"},
      {date, "YYYYMMDD", "20280229", "280229"},
      {date, "YYYYMMDD", "19990101", "!century"},
      {date, "YYYYMMDD", "21000101", "!century"},
      {date, "DD.MM.YYYY", "29.02.2028", "280229"},
      {date, "DD.MM.YYYY", "29.02.2027", "!day"},
      {date, "DD.MM.YYYY", "29-02-2028", "!format"},
      {date, "DD.MM.YYYY", "2.2.2028", "!length"},
      {date, "MM/DD/YY", "12/31/26", "261231"},
      {expiry, "YYMM", "2612", "2612"},
      {expiry, "YYMM", "2613", "!month"},
      {expiry, "YYMM", "2600", "!month"},
      {expiry, "YYMM", "26/1", "!format"},
      {expiry, "YYMM", "12/26", "!length"},
      {expiry, "MM/YY", "12/26", "2612"},
      {expiry, "YYYY-MM", "2031-02", "3102"},
  }));
  CAPTURE(one.format, one.text);
  CHECK(kept(dated("date", one.type, one.format), one.text) == one.result);
}

TEST_CASE("a date may keep its century") {
  FieldPlan field = dated("born", FieldType::date, "DD.MM.YYYY");
  field.keep_century = true;
  CHECK(kept(field, "14.07.1985") == "19850714");
  CHECK(kept(field, "29.02.1900") == "!day");
  CHECK(kept(field, "29.02.2000") == "20000229");
}

TEST_CASE("dates stand in the order that the job wants") {
  kpd::Plan plan = some_plan();
  plan.fields = {dated("born", FieldType::date, "YYYYMMDD"),
                 dated("expiry", FieldType::expiry, "YYMM")};
  plan.fields[0].keep_century = true;
  const kpd::FieldLookup earlier = [](kpd::FieldId id) {
    return std::string_view(id == 0 ? "20260215" : "2611");
  };
  FieldPlan field = dated("issued", FieldType::date, "YYMMDD");
  field.order = {{true, 0}};
  CHECK(kept(field, "260215", plan, earlier) == "260215");
  CHECK(kept(field, "260214", plan, earlier) == "!dates-order");
  CHECK(kept(field, "260214", plan) == "260214");  // that date is empty
  field.order = {{false, 1}};
  CHECK(kept(field, "261130", plan, earlier) == "261130");  // good to the month's last day
  CHECK(kept(field, "261201", plan, earlier) == "!dates-order");
  field.order = {{false, {}}};
  CHECK(kept(field, "261122", plan) == "261122");
  CHECK(kept(field, "261123", plan) == "!dates-order");
}

TEST_CASE("a date's pattern has every part once") {
  CHECK(kpd::date_pattern_mistake("DD.MM.YYYY", true).empty());
  CHECK(kpd::date_pattern_mistake("YYMM", false).empty());
  for (const char* bad :
       {"", "DDMM", "YYYY", "YYMM", "YYYYMMDDDD", "YYMMDDYY", "YMMDD", "YYMDD", "YYMMDD1"})
    CHECK_FALSE(kpd::date_pattern_mistake(bad, true).empty());
  CHECK_FALSE(kpd::date_pattern_mistake("YYMMDD", false).empty());
}

TEST_CASE("a card with a chip has a service code of its own") {
  FieldPlan field{"service_code", FieldType::service_code, 3, 3, true};
  field.chip = true;
  CHECK(kept(field, "201") == "201");
  CHECK(kept(field, "620") == "620");
  CHECK(kept(field, "101") == "!service-code");
}

TEST_CASE("an amount is kept in minor units of its currency") {
  FieldPlan field{"limit", FieldType::amount, 1, 12, true};
  CHECK(kept(field, "50.00") == "5000");
  CHECK(kept(field, "50,5") == "5050");
  CHECK(kept(field, "50") == "5000");
  CHECK(kept(field, "0.00") == "0");
  CHECK(kept(field, "007.10") == "710");
  for (const char* bad : {"50.000", "5 000", "1,000.00", "-5", "+5", ".5", "5.", "x", ""}) {
    CAPTURE(bad);
    CHECK(kept(field, bad)[0] == '!');
  }
  CHECK(kept(field, "99999999999.00") == "!length");
  field.currency = 0;
  const auto in = [&](const char* currency, const char* text) {
    return kept(field, text, some_plan(), [&](kpd::FieldId) { return std::string_view(currency); });
  };
  CHECK(in("978", "5.25") == "525");
  CHECK(in("392", "5000") == "5000");
  CHECK(in("392", "50.00") == "!format");
  CHECK(in("048", "5.25") == "5250");
}

TEST_CASE("an embosser and a choice take what the job lists") {
  FieldPlan line{"line4", FieldType::emboss, 0, 27, true};
  line.characters = "ABC 1&";
  CHECK(kept(line, "A & B 1") == "A & B 1");
  CHECK(kept(line, "A-B") == "!emboss-character");
  CHECK(kept(line, "AAAAAAAAAAAAAAAAAAAAAAAAAAAA") == "!length");
  FieldPlan tier{"tier", FieldType::choice, 0, 256, true};
  tier.choices = {"GOLD", "SILVER"};
  CHECK(kept(tier, "GOLD") == "GOLD");
  CHECK(kept(tier, "gold") == "!choice");
}

TEST_CASE("a record's dates must fit each other and the job's date") {
  const kpd::Plan plan = dated_plan();  // of 2026-11-22
  CHECK(record_fault(plan, "2909", "261101").empty());
  CHECK(record_fault(plan, "2611", "261130").empty());
  CHECK(record_fault(plan, "2611", "261101").empty());  // good to the month's last day
  CHECK(record_fault(plan, "2610", "260101") == "expiry:expired");
  CHECK(record_fault(plan, "2712", "280101") == "effective:dates-order");
  CHECK(record_fault(plan, "2712", "271231").empty());
  CHECK(record_fault(plan, "2602", "260301") == "effective:dates-order");
  CHECK(record_fault(plan, "2712", "").empty());
}

TEST_CASE("a job without effective dates checks expiry alone") {
  kpd::Plan plan = dated_plan();
  plan.roles.effective.reset();
  CHECK(record_fault(plan, "2712", "280101").empty());
  CHECK(record_fault(plan, "2610", "") == "expiry:expired");
}

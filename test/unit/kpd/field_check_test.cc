#include "kpd/intake/field_check.h"

#include <catch2/catch.hpp>

using kpd::FieldPlan;
using kpd::FieldType;

namespace {

struct Sample {
  FieldType type;
  std::size_t min, max;
  std::string text;
  std::string fault;  ///< empty: none
};

std::ostream& operator<<(std::ostream& out, const Sample& sample) {
  return out << "type " << static_cast<int>(sample.type) << " '" << sample.text << "' "
             << sample.fault;
}

kpd::Plan some_plan() {
  kpd::Plan plan;
  plan.date = {2026, 11, 22};
  plan.products = {{"CLASSIC", 0}};
  return plan;
}

std::string fault_of(const FieldPlan& field, const std::string& text) {
  const auto found = kpd::check_field(field, text, some_plan());
  if (!found) return "";
  CHECK(found->field == field.name);
  CHECK_FALSE(found->fault.reason.empty());
  return found->fault.code;
}

/// A plan of effective and expiry dates.
kpd::Plan dated_plan() {
  kpd::Plan plan = some_plan();
  plan.fields = {{"expiry", FieldType::expiry_yymm, 4, 4, true},
                 {"effective", FieldType::date_yymmdd, 6, 6, false}};
  plan.roles.expiry = 0;
  plan.roles.effective = 1;
  return plan;
}

std::string record_fault(const kpd::Plan& plan, const std::string& expiry,
                         const std::string& effective) {
  const std::vector<std::string> values{expiry, effective};
  const auto found =
      kpd::check_record(plan, [&](kpd::FieldId id) { return std::string_view(values.at(id)); });
  return found ? found->field + ":" + found->fault.code : "";
}

}  // namespace

TEST_CASE("a field's text must be what its type says") {
  using enum FieldType;
  const auto sample = GENERATE(values<Sample>({
      {n, 1, 12, "0", ""},
      {n, 1, 12, "012345678901", ""},
      {n, 1, 12, "0123456789012", "length"},
      {n, 2, 2, "1", "length"},
      {n, 1, 12, "12a", "format"},
      {n, 1, 12, "-1", "format"},
      {n, 1, 12, " 1", "format"},
      {n, 1, 12, "\xD9\xA1", "format"},  // a digit of another script
      {an, 1, 8, "Az09", ""},
      {an, 1, 8, "A-9", "format"},
      {an, 1, 8, "\xC3\x84", "format"},
      {ans, 1, 27, "THE \"BLUE\" CAFE", ""},
      {ans, 1, 27, "M\xC3\xBCller", ""},
      {ans, 1, 27, "a\tb", "format"},
      {ans, 1, 27, "a\nb", "format"},
      {ans, 1, 27, "a\x7F", "format"},
      {hex, 2, 8, "00fF", ""},
      {hex, 2, 8, "00f", "format"},
      {hex, 2, 8, "0x00", "format"},
      {pan, 12, 19, "4761739001010119", ""},
      {pan, 12, 19, "5413340000000000010", "luhn"},
      {pan, 12, 19, "4761739001010118", "luhn"},
      {pan, 12, 19, "476173900101011X", "format"},
      {pan, 12, 19, "47617390010", "length"},
      {pan, 12, 19, "47617390010101190000", "length"},
      {date_yymmdd, 6, 6, "261101", ""},
      {date_yymmdd, 6, 6, "280229", ""},
      {date_yymmdd, 6, 6, "270229", "day"},
      {date_yymmdd, 6, 6, "260431", "day"},
      {date_yymmdd, 6, 6, "260400", "day"},
      {date_yymmdd, 6, 6, "261301", "month"},
      {date_yymmdd, 6, 6, "260001", "month"},
      {date_yymmdd, 6, 6, "26-1-1", "format"},
      {date_yymmdd, 6, 6, "2611", "length"},
      {expiry_yymm, 4, 4, "2612", ""},
      {expiry_yymm, 4, 4, "2613", "month"},
      {expiry_yymm, 4, 4, "2600", "month"},
      {expiry_yymm, 4, 4, "26/1", "format"},
      {expiry_yymm, 4, 4, "12/26", "length"},
      {service_code, 3, 3, "201", ""},
      {service_code, 3, 3, "947", ""},
      {service_code, 3, 3, "301", "service-code"},
      {service_code, 3, 3, "211", "service-code"},
      {service_code, 3, 3, "208", "service-code"},
      {service_code, 3, 3, "20A", "service-code"},
      {service_code, 3, 3, "20", "service-code"},
      {country, 3, 3, "276", ""},
      {country, 3, 3, "004", ""},
      {country, 3, 3, "000", "country"},
      {country, 3, 3, "27A", "country"},
      {country, 3, 3, "76", "country"},
      {currency, 3, 3, "978", ""},
      {currency, 3, 3, "008", ""},
      {currency, 3, 3, "280", "currency"},  // withdrawn in 2002
      {currency, 3, 3, "EUR", "currency"},
      {currency, 3, 3, "9780", "currency"},
      {language, 2, 2, "de", ""},
      {language, 2, 2, "DE", "language"},
      {language, 2, 2, "d1", "language"},
      {language, 2, 2, "deu", "language"},
      {name, 2, 26, "PETROVA/OLGA", ""},
      {name, 2, 26, "O'NEIL/ANN-MARIE.DR", ""},
      {name, 2, 26, "petrova/olga", "name-character"},
      {name, 2, 26, "M\xC3\x9CLLER/ZOE", "name-character"},
      {name, 2, 26, "A^B", "name-character"},
      {name, 2, 26, "A?B", "name-character"},
      {name, 2, 26, "A%B", "name-character"},
      {name, 2, 26, "A", "name-length"},
      {name, 2, 26, "ABCDEFGHIJKLMNOPQRSTUVWXYZA", "name-length"},
      {pin_block, 16, 16, "459175225D378AAE", ""},
      {pin_block, 16, 16, "459175225d378aae", ""},
      {pin_block, 16, 16, "459175225D378AAG", "pin-hex"},
      {pin_block, 16, 16, "459175225D378AA", "pin-hex"},
      {product, 1, 64, "CLASSIC", ""},
      {product, 1, 64, "classic", "product"},
      {product, 1, 64, "GOLD", "product"},
  }));
  CAPTURE(sample);
  CHECK(fault_of({"field", sample.type, sample.min, sample.max, true}, sample.text) ==
        sample.fault);
}

TEST_CASE("an empty field is missing where it is required") {
  CHECK(fault_of({"field", FieldType::n, 1, 9, true}, "") == "missing");
  CHECK(fault_of({"field", FieldType::n, 1, 9, false}, "").empty());
  CHECK(fault_of({"field", FieldType::pan, 12, 19, true}, "") == "missing");
  CHECK(fault_of({"field", FieldType::ans, 0, 9, true}, "") == "missing");
  CHECK(fault_of({"field", FieldType::ans, 0, 9, false}, "").empty());
}

TEST_CASE("what is said of a field's fault holds nothing of the field") {
  const auto found =
      kpd::check_field({"pan", FieldType::pan, 12, 19, true}, "4761739001010118", some_plan());
  REQUIRE(found);
  CHECK_THAT(found->fault.reason, !Catch::Contains("4761"));
  CHECK_THAT(found->fault.reason, !Catch::Contains("0118"));
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

#include "kpd/stages/elements.h"

#include <catch2/catch.hpp>

using emvcrypto::from_hex;
using emvcrypto::to_hex;
using kpd::Conversion;
using kpd::ElementPlan;
using kpd::Tag;
using kpd::TlvPlan;

namespace {

enum : kpd::FieldId { kPan, kExpiry, kService, kValue };

kpd::Plan some_plan() {
  kpd::Plan plan;
  plan.fields.resize(4);
  plan.roles.pan = kPan;
  plan.roles.expiry = kExpiry;
  plan.roles.service_code = kService;
  return plan;
}

kpd::pb::Card card_of(const std::string& value) {
  kpd::pb::Card card;
  for (const std::string& field :
       {std::string("4761739001010119"), std::string("2802"), std::string("201"), value})
    card.add_fields(field);
  return card;
}

/// What a field's text becomes, in hex; the fault's code when it does not.
std::string made(Tag tag, Conversion conversion, std::size_t width, const std::string& value) {
  ElementPlan element;
  element.tag = tag;
  element.text = {{"", kValue, {}}};
  element.conversion = conversion;
  element.width = width;
  const auto bytes = kpd::make_element(element, card_of(value), some_plan());
  return bytes ? to_hex(*bytes) : bytes.error().code;
}

constexpr Tag kUnlisted = 0xDF7E;  // of no length that the dictionary knows

/// An application's values by index, in hex.
kpd::pb::Application values(std::initializer_list<const char*> hex) {
  kpd::pb::Application application;
  for (const char* value : hex) application.add_elements(kpd::to_field(from_hex(value)));
  return application;
}

}  // namespace

TEST_CASE("a field's text becomes the bytes of its data element") {
  using enum Conversion;
  struct Sample {
    Tag tag;
    Conversion conversion;
    std::size_t width;
    std::string text, hex;
  };
  const auto sample = GENERATE(values<Sample>({
      {0x5F20, text, 0, "AB/C", "41422F43"},
      {kUnlisted, text, 0, "", "element"},
      {0x5F34, n, 1, "", "element"},
      {0x9F44, currency_exponent, 0, "978", "02"},
      {0x9F44, currency_exponent, 0, "392", "00"},
      {0x9F44, currency_exponent, 0, "048", "03"},
      {kUnlisted, hex, 0, "00fF", "00FF"},
      {kUnlisted, hex, 0, "00f", "element"},
      {0x9F42, n, 2, "978", "0978"},
      {0x5F34, n, 1, "01", "01"},
      {0x5F34, n, 1, "100", "element"},
      {0x9F42, n, 2, "97X", "element"},
      {0x9F54, n, 6, "5000", "000000005000"},
      {0x5A, cn, 0, "4761739001010119", "4761739001010119"},
      {0x5A, cn, 0, "476173900101011", "476173900101011F"},
      {0x5A, cn, 10, "4761739001010119", "4761739001010119FFFF"},
      {0x5A, cn, 0, "47617390 0101", "element"},
      {0x5F24, date_end, 0, "2802", "280229"},
      {0x5F24, date_end, 0, "2702", "270228"},
      {0x5F24, date_end, 0, "2713", "element"},
      {0x5F24, date_end, 0, "", "element"},
      {0x57, track2, 0, "000123", "4761739001010119D2802201000123"},
      {0x57, track2, 0, "00012", "4761739001010119D280220100012F"},
      {0x57, track2, 0, "0001234567890123", "element"},
      {0x57, track2, 0, "00A", "element"},
  }));
  CAPTURE(sample.text);
  CHECK(made(sample.tag, sample.conversion, sample.width, sample.text) == sample.hex);
}

TEST_CASE("a text that does not fit the data element's length is a fault that names the tag") {
  CHECK(made(0x5F20, Conversion::text, 0, "A") == "element");
  CHECK(made(0x5F20, Conversion::text, 0, std::string(27, 'A')) == "element");
  CHECK(made(0x9F42, Conversion::n, 3, "978") == "element");
  ElementPlan element;
  element.tag = 0x5F20;
  element.text = {{"", kValue, {}}};
  const auto bytes = kpd::make_element(element, card_of("A"), some_plan());
  REQUIRE_FALSE(bytes.has_value());
  CHECK_THAT(bytes.error().reason, Catch::StartsWith("5F20: "));
}

TEST_CASE("a constant is the same for every card") {
  ElementPlan element;
  element.tag = 0x82;
  element.constant = true;
  element.value = from_hex("5C00");
  CHECK(kpd::make_element(element, card_of("x"), some_plan()) == from_hex("5C00"));
}

TEST_CASE("a record is template 70 around its data objects, in their order") {
  const kpd::RecordPlan record{2, 1, true, true, {{0x5F34, 1, {}}, {0x5A, 0, {}}}};
  CHECK(to_hex(kpd::make_record(record, values({"4761739001010119", "01"}))) ==
        "700E5F3401015A084761739001010119");
  const kpd::RecordPlan empty{1, 1, false, true, {}};
  CHECK(to_hex(kpd::make_record(empty, values({}))) == "7000");
}

TEST_CASE("a long record has its length in two bytes") {
  const kpd::RecordPlan record{3, 1, false, true, {{0x90, 0, {}}}};
  kpd::pb::Application long_value;
  long_value.add_elements(std::string(176, 'x'));
  CHECK(to_hex(kpd::make_record(record, long_value)).substr(0, 12) == "7081B39081B0");
}

TEST_CASE("templates stand within templates") {
  const std::vector<TlvPlan> content{
      {0xA5, {}, {{0x50, 0, {}}, {0xBF0C, {}, {{0x9F4D, 1, {}}, {0x61, {}, {}}}}}}, {0x88, 2, {}}};
  emvcrypto::Bytes bytes{0xEE};
  kpd::append_content(bytes, content, values({"5649", "0B0A", "01"}));
  CHECK(to_hex(bytes) == "EEA50E50025649BF0C079F4D020B0A6100880101");
}

TEST_CASE("an element's value is found by its tag") {
  kpd::ApplicationPlan plan;
  plan.elements.resize(2);
  plan.elements[0].tag = 0x82;
  plan.elements[1].tag = 0x9F4A;
  const auto application = values({"5C00", "82"});
  CHECK(to_hex(kpd::element_value(plan, application, 0x9F4A)) == "82");
  CHECK(kpd::element_value(plan, application, 0x94).empty());
}

// What is signed is what a terminal reads, and it belongs to the card, wherever the plan has it.
#include "kpd/stages/terminal_view.h"

#include <catch2/catch.hpp>

using emvcrypto::parse_hex;

namespace {

std::string bytes(const std::string& hex) {
  return kpd::to_field(*parse_hex(hex));
}

/// A card that holds these DGIs.
kpd::pb::Application card_of(const std::vector<std::pair<cps::DgiId, std::string>>& dgis) {
  kpd::pb::Application card;
  for (const auto& [id, hex] : dgis) {
    auto* dgi = card.add_dgis();
    dgi->set_id(id);
    dgi->set_value(bytes(hex));
  }
  return card;
}

/// Static data in hexadecimal, or the fault.
std::string read(const kpd::pb::Application& card, const kpd::ApplicationPlan& plan = {},
                 const kpd::pb::Application& values = {}) {
  const auto data = kpd::static_data_as_read(plan, values, card);
  return data ? emvcrypto::to_hex(*data) : data.error().code + ": " + data.error().reason;
}

/// DGI 9104 with this AIP and AFL.
std::pair<cps::DgiId, std::string> response(const std::string& aip, const std::string& afl) {
  const kpd::Bytes list = *parse_hex(afl);
  return {0x9104,
          "8202" + aip + "94" + emvcrypto::to_hex(kpd::Bytes{std::uint8_t(list.size())}) + afl};
}

const std::pair<cps::DgiId, std::string> kFirst{0x0101, "70045F340101"},
    kSecond{0x0201, "70045F340102"};

kpd::ElementPlan element(kpd::Tag tag) {
  kpd::ElementPlan plan;
  plan.tag = tag;
  return plan;
}

}  // namespace

TEST_CASE("signed records are read in the order of the AFL, not of the file") {
  CHECK(read(card_of({response("5C00", "0801010110010101"), kFirst, kSecond})) ==
        "5F3401015F340102");
  CHECK(read(card_of({response("5C00", "1001010108010101"), kFirst, kSecond})) ==
        "5F3401025F340101");
  CHECK(read(card_of({response("5C00", "1001010008010101"), kFirst, kSecond})) == "5F340101");
}

TEST_CASE("the AIP is signed where a record that terminals read says so") {
  const std::pair<cps::DgiId, std::string> list{0x0301, "70049F4A0182"};
  CHECK(read(card_of({response("5C00", "0801010118010100"), kFirst, list})) == "5F3401015C00");
  CHECK(read(card_of({response("5C00", "08010101"), kFirst, list})) == "5F340101");
  CHECK(read(card_of({{0x9104, "94080801010118010100"}, kFirst, list})) ==
        "static-data: 9F4A names the AIP, but it does not stand beside the AFL");
}

TEST_CASE("an AFL that names what the card does not have, or is none, is a fault") {
  CHECK(read(card_of({response("5C00", "08010201"), kFirst})) ==
        "static-data: the AFL names record 2 of file 1, which the card does not have");
  CHECK(read(card_of({response("5C00", "0801"), kFirst})).starts_with("static-data: the AFL: "));
}

TEST_CASE("AIP and AFL are found without tags too") {
  CHECK(read(card_of({{0xA005, "5C0008010101"}, kFirst})) == "5F340101");
  kpd::ApplicationPlan plan;
  plan.elements = {element(0x82), element(0x94)};
  kpd::DgiPlan raw;
  raw.id = 0xD001;
  raw.kind = kpd::DgiPlan::Kind::raw;
  raw.content = {{0x94, 1, {}}, {0x82, 0, {}}};
  plan.dgis = {raw};
  kpd::pb::Application values;
  values.add_elements(bytes("5C00"));
  values.add_elements(bytes("08010101"));
  CHECK(read(card_of({{0xD001, "080101015C00"}, kFirst}), plan, values) == "5F340101");
}

TEST_CASE("an application without an AFL is read as its plan lists its records") {
  kpd::ApplicationPlan plan;
  plan.records = {{1, 1, true, true, {}, {}}, {2, 1, false, true, {}, {}}};
  CHECK(read(card_of({kFirst, kSecond}), plan) == "5F340101");
}

namespace {

/// What is wrong with the cardholder's data in one DGI of a payment application.
std::string wrong(const std::string& hex, cps::DgiId id = 0x0101,
                  kpd::DgiPlan::Kind kind = kpd::DgiPlan::Kind::record) {
  kpd::Plan plan;
  for (const char* name : {"pan", "expiry", "psn"}) plan.fields.push_back({name});
  plan.roles.pan = 0;
  plan.roles.expiry = 1;
  plan.roles.psn = 2;
  kpd::ApplicationPlan application;
  application.issuer = 0;
  kpd::DgiPlan dgi;
  dgi.id = id;
  dgi.kind = kind;
  application.dgis = {dgi};
  kpd::pb::Card card;
  for (const char* field : {"4761739001010119", "2912", "01"}) card.add_fields(field);
  const auto fault = kpd::check_roles(plan, application, card, card_of({{id, hex}}));
  return fault ? plan.fields[fault->field].name + " " + fault->fault.code + " " +
                     fault->fault.reason.substr(0, 4)
               : "";
}

}  // namespace

TEST_CASE("cardholder data that are those of the keys are let pass") {
  for (const char* good :
       {"700A5A084761739001010119", "700B5A094761739001010119FF", "70065F2403291231",
        "70045F340101", "701357114761739001010119D2912201000000000F", "70049F080101", ""})
    CHECK(wrong(good).empty());
}

TEST_CASE("cardholder data of somebody else are found, also inside templates") {
  CHECK(wrong("700A5A084761739001010118") == "pan element 5A i");
  CHECK(wrong("70065F2403291131") == "expiry element 5F24");
  CHECK(wrong("70045F340102") == "psn element 5F34");
  CHECK(wrong("701357114761739001010118D2912201000000000F") == "pan element 57 i");
  CHECK(wrong("701357114761739001010119D291120100000000F0").substr(0, 6) == "expiry");
  CHECK(wrong("7006A5045F340102") == "psn element 5F34");
  CHECK(wrong("00005F340102", 0x9104, kpd::DgiPlan::Kind::tlvs) == "psn element 5F34");
}

TEST_CASE("DGIs that hold no data objects are not looked into") {
  CHECK(wrong("5F340102", 0x8000, kpd::DgiPlan::Kind::constant).empty());
  CHECK(wrong("5F340102", 0x7FF0, kpd::DgiPlan::Kind::given) == "psn element 5F34");
  CHECK(wrong("5F3402", 0x7FF0, kpd::DgiPlan::Kind::given).empty());
}

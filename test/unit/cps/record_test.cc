#include "cps/record.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "emvcrypto/cipher.h"
#include "test/unit/cps/generators.h"

using namespace cps;
using emvcrypto::from_hex;
using emvcrypto::to_hex;

namespace {

const RecordLayout kLayout;

nlohmann::json example() {
  std::ifstream file(std::string(KPD_TEST_VECTORS) + "/cps_record_example.json");
  return nlohmann::json::parse(file).at("vectors").at(0);
}

Bytes hex_at(const nlohmann::json& json, const char* name) {
  return from_hex(json.at(name).get<std::string>());
}

// The record that the example's inputs describe.
Record example_record() {
  const auto inputs = example().at("inputs");
  Bytes keys = hex_at(inputs, "DGI_8000_clear");
  emvcrypto::make_des(hex_at(inputs, "TK"))->encrypt(keys);
  Application application;
  application.aid = hex_at(inputs, "AID");
  application.transport_keys = {{hex_at(inputs, "IDTK"), 0x20, 0x11, {0x8000}}};
  application.owner = hex_at(inputs, "IDOWNER");
  application.steps = {Step{}};
  application.dgis = {{0x0101, from_hex("70145A0854133300890200115F24033012315F340101")},
                      {0x8000, keys},
                      {0x9000, from_hex("97DCB0CE4E2CB37DF3")},
                      {0x9010, from_hex("0303")}};
  Record record;
  record.applications = {application};
  return record;
}

Record maced_record() {
  Record record = example_record();
  record.applications.push_back(record.applications[0]);
  for (Application& application : record.applications) {
    application.mac_key = Bytes(16, 0xAA);
    application.mac = from_hex("01020304");
  }
  return record;
}

}  // namespace

TEST_CASE("the worked example encodes byte for byte") {
  const auto expected = example().at("expected");
  const Bytes bytes = encode_record(example_record(), kLayout);
  CHECK(to_hex(bytes) == expected.at("section2_and_3").get<std::string>());
  CHECK(bytes.size() == std::stoul(expected.at("lcca_if_prefixed").get<std::string>()));
}

TEST_CASE("the worked example parses to its parts") {
  const auto parsed = parse_record(hex_at(example().at("expected"), "section2_and_3"), kLayout);
  REQUIRE(parsed.has_value());
  CHECK(*parsed == example_record());
}

TEST_CASE("a record reads back as it was written") {
  KPD_PROPERTY([] {
    const Record record = *cps::test::any_record();
    const auto parsed = parse_record(encode_record(record, kLayout), kLayout);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == record);
  });
}

TEST_CASE("whatever bytes a record parses from, it encodes to them again") {
  const Bytes good = encode_record(maced_record(), kLayout);
  KPD_PROPERTY([&good] {
    Bytes altered = good;
    altered[*rc::gen::inRange<std::size_t>(0, good.size())] = *rc::gen::arbitrary<std::uint8_t>();
    const auto parsed = parse_record(altered, kLayout);
    if (parsed) {
      RC_ASSERT(encode_record(*parsed, kLayout) == altered);
    } else {
      RC_ASSERT(parsed.error().code == "cps-record");
    }
  });
}

TEST_CASE("a record cut anywhere, or with a byte more, is refused") {
  Bytes bytes = encode_record(maced_record(), kLayout);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(parse_record(ByteView(bytes).first(size), kLayout).has_value());
  bytes.push_back(0);
  CHECK_FALSE(parse_record(bytes, kLayout).has_value());
}

TEST_CASE("a fault says in which part of the record it lies") {
  Bytes bytes = hex_at(example().at("expected"), "section2_and_3");
  bytes[33] = 0x02;  // version of TKDATA
  const auto parsed = parse_record(bytes, kLayout);
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().reason.find("section 3 of application 1, 3a.1, TKDATA") !=
        std::string::npos);
}

TEST_CASE("the AID of section 3 must be the one that section 2 announces") {
  Bytes bytes = hex_at(example().at("expected"), "section2_and_3");
  bytes[20] ^= 1;
  CHECK_FALSE(parse_record(bytes, kLayout).has_value());
}

TEST_CASE("what cannot be written is refused, not cut") {
  Record record = example_record();
  const auto fails_with = [&record](auto alter) {
    Record altered = record;
    alter(altered);
    return altered;
  };
  using R = Record;
  CHECK_THROWS_AS(encode_record(fails_with([](R& r) { r.applications[0].aid.resize(4); }), kLayout),
                  std::invalid_argument);
  CHECK_THROWS_AS(encode_record(fails_with([](R& r) { r.layout_version = "2"; }), kLayout),
                  std::invalid_argument);
  CHECK_THROWS_AS(encode_record(fails_with([](R& r) { r.status = "0"; }), kLayout),
                  std::invalid_argument);
  CHECK_THROWS_AS(encode_record(fails_with([](R& r) {
                                  r.applications[0].mac = {1, 2, 3, 4};
                                }),
                                kLayout),
                  std::invalid_argument);
  CHECK_THROWS_AS(encode_record(fails_with([](R& r) {
                                  r.applications[0].transport_keys[0].key_id.push_back(1);
                                }),
                                kLayout),
                  std::invalid_argument);
  CHECK_THROWS_AS(
      encode_record(fails_with([](R& r) { r.applications[0].steps[0].instructions.order = {{}}; }),
                    kLayout),
      std::invalid_argument);
  CHECK_THROWS_AS(
      encode_record(fails_with([](R& r) { r.applications[0].transport_keys[0].dgis.resize(130); }),
                    kLayout),
      std::length_error);
  CHECK_THROWS_AS(encode_record(fails_with([](R& r) {
                                  r.applications[0].dgis.assign(3, Dgi{0x0101, Bytes(30000, 0)});
                                }),
                                kLayout),
                  std::length_error);
}

TEST_CASE("the record's MAC covers section 2 and the sections 3 up to its own block") {
  const Record record = maced_record();
  const Bytes whole = encode_record(record, kLayout);
  // VNL, L and LHDR stand before what is covered; MACkey, MACINP and their length behind it.
  const std::size_t mac_block = 1 + 16 + 4;
  CHECK(mac_input(record, 1, kLayout) == Bytes(whole.begin() + 8, whole.end() - mac_block));

  const Bytes first = mac_input(record, 0, kLayout);
  CHECK(first == Bytes(whole.begin() + 8, whole.begin() + 8 + static_cast<long>(first.size())));
  CHECK_THROWS_AS(mac_input(record, 2, kLayout), std::out_of_range);
}

TEST_CASE("a record's MAC input does not depend on the MAC that comes of it") {
  Record record = maced_record();
  const Bytes before = mac_input(record, 1, kLayout);
  record.applications[1].mac = {};
  CHECK(mac_input(record, 1, kLayout) == before);
  record.applications[0].mac[0] ^= 1;
  CHECK(mac_input(record, 1, kLayout) != before);
  record.applications[1].mac_key = {};
  CHECK_THROWS_AS(mac_input(record, 1, kLayout), std::invalid_argument);
}

TEST_CASE("parsing any bytes ends with a record or a fault") {
  KPD_PROPERTY([] {
    const auto bytes = *rc::gen::arbitrary<Bytes>();
    const auto parsed = parse_record(bytes, kLayout);
    if (parsed) RC_ASSERT(encode_record(*parsed, kLayout) == bytes);
  });
}

// The static data to be authenticated, and the enciphered PIN.
#include <catch2/catch.hpp>

#include "emvcrypto/certificates.h"

using namespace emvcrypto;

namespace {

std::string data_of(std::vector<SignedRecord> records, std::string_view tag_list = "") {
  const auto data = static_data(records, from_hex(tag_list), from_hex("3C00"));
  return data ? to_hex(*data) : data.error().code;
}

const Bytes kFirst = from_hex("70045A024761");
const Bytes kSecond = from_hex("70045F340100");

}  // namespace

TEST_CASE("records of SFI 1 to 10 count without their template, others with it") {
  CHECK(data_of({{1, kFirst}, {10, kSecond}}) == "5A0247615F340100");
  CHECK(data_of({{11, kFirst}, {30, kSecond}}) == "70045A02476170045F340100");
  CHECK(data_of({}).empty());
}

TEST_CASE("the AIP follows where 9F4A asks for it, and nothing else may be asked for") {
  CHECK(data_of({{1, kFirst}}, "82") == "5A0247613C00");
  for (const char* list : {"94", "8282", "9F10", "8294"})
    CHECK(data_of({{1, kFirst}}, list) == "oda-tag-list");
}

TEST_CASE("a record that is not one template 70 is refused") {
  for (const char* text : {"", "77045A024761", "70055A024761", "70045A02476100", "70"}) {
    INFO(text);
    const Bytes record = from_hex(text);
    CHECK(data_of({{1, record}}) == "oda-record");
    CHECK(data_of({{11, record}}) == "oda-record");
  }
}

TEST_CASE("a long record counts in full") {
  Bytes record = from_hex("7081C8");
  record.resize(203, 0xA5);
  CHECK(data_of({{2, record}}).size() == 400);
}

TEST_CASE("an enciphered PIN starts with 7F and fills the key") {
  const Secret block = pin_encipherment_block(Secret(from_hex("241234FFFFFFFFFF")),
                                              from_hex("0102030405060708"), Bytes(111, 0xAB), 128);
  CHECK(block.size() == 128);
  CHECK(to_hex(block.expose().first(18)) == "7F241234FFFFFFFFFF0102030405060708AB");
  CHECK(block.expose().back() == 0xAB);
}

TEST_CASE("an enciphered PIN from parts of wrong lengths is refused") {
  const Secret pin_block(from_hex("241234FFFFFFFFFF"));
  CHECK_THROWS_AS(pin_encipherment_block(pin_block, Bytes(8), Bytes(110), 128),
                  std::invalid_argument);
  CHECK_THROWS_AS(pin_encipherment_block(pin_block, Bytes(7), Bytes(111), 128),
                  std::invalid_argument);
  CHECK_THROWS_AS(pin_encipherment_block(Secret(Bytes(7)), Bytes(8), Bytes(111), 128),
                  std::invalid_argument);
  CHECK_THROWS_AS(pin_encipherment_block(pin_block, Bytes(8), Bytes(111), 16),
                  std::invalid_argument);
}

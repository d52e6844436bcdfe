#include "cps/dgi.h"

#include <catch2/catch.hpp>

#include "test/unit/cps/generators.h"

using namespace cps;
using emvcrypto::from_hex;

namespace {

Bytes encode(const Dgi& dgi) {
  Bytes bytes;
  append_dgi(bytes, dgi);
  return bytes;
}

}  // namespace

TEST_CASE("a DGI of up to 254 bytes has one length byte, a longer one FF and two") {
  CHECK(encode({0x9010, from_hex("0303")}) == from_hex("9010020303"));
  CHECK(encode({0x7FFF, {}}) == from_hex("7FFF00"));
  const Bytes short_one = encode({0x0101, Bytes(254, 0x70)});
  CHECK(Bytes(short_one.begin(), short_one.begin() + 3) == from_hex("0101FE"));
  const Bytes long_one = encode({0x0101, Bytes(255, 0x70)});
  CHECK(Bytes(long_one.begin(), long_one.begin() + 5) == from_hex("0101FF00FF"));
  CHECK(encode({0x0101, Bytes(65534, 1)}).size() == 65534 + 5);
  CHECK_THROWS_AS(encode({0x0101, Bytes(65535, 1)}), std::invalid_argument);
}

TEST_CASE("a list of DGIs reads back as it was written") {
  KPD_PROPERTY([] {
    const auto dgis = *cps::test::list_of(0, 10, cps::test::any_dgi());
    Bytes bytes;
    for (const Dgi& dgi : dgis) append_dgi(bytes, dgi);
    const auto parsed = parse_dgis(bytes);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == dgis);
  });
}

TEST_CASE("a malformed DGI list is refused with the byte where it goes wrong") {
  for (const char* text : {"90", "9010", "901002", "90100203", "9010020303FF", "0101FF", "0101FF00",
                           "0101FF000101", "0101FF00FE", "0101FFFFFF"}) {
    INFO(text);
    const auto parsed = parse_dgis(from_hex(text));
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == "dgi");
    CHECK(parsed.error().reason.find("(byte ") != std::string::npos);
  }
}

TEST_CASE("a DGI's name is four hexadecimal digits") {
  CHECK(dgi_name(0x9F62) == "9F62");
  CHECK(dgi_name(0x0101) == "0101");
}

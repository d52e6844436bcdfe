#include "emvcrypto/bytes.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

using namespace emvcrypto;

TEST_CASE("hexadecimal text and bytes turn into each other") {
  CHECK(to_hex(Bytes{0x00, 0x9A, 0xFF}) == "009AFF");
  CHECK(from_hex("009aFF") == Bytes{0x00, 0x9A, 0xFF});
  CHECK(parse_hex("") == Bytes{});
  rc::prop("for any bytes",
           [](const Bytes& bytes) { RC_ASSERT(from_hex(to_hex(bytes)) == bytes); });
}

TEST_CASE("text that is not hexadecimal is refused") {
  for (const char* text : {"0", "0g", "G0", " 00", "0 ", "0x00", "00:"}) {
    INFO(text);
    CHECK_FALSE(parse_hex(text));
    CHECK_THROWS_AS(from_hex(text), std::invalid_argument);
  }
}

TEST_CASE("parts join in order") {
  Bytes all{1};
  append(all, Bytes{2, 3});
  CHECK(all == Bytes{1, 2, 3});
  CHECK(concat({all, ByteView{}, Bytes{4}}) == Bytes{1, 2, 3, 4});
}

TEST_CASE("texts are seen as bytes and back") {
  CHECK(to_hex(as_bytes("1PAY")) == "31504159");
  CHECK(as_text(Bytes{0x41, 0x42}) == "AB");
}

TEST_CASE("XOR wants equal lengths") {
  CHECK(exclusive_or(Bytes{0xF0, 0x0F}, Bytes{0xFF, 0xFF}) == Bytes{0x0F, 0xF0});
  CHECK_THROWS_AS(exclusive_or(Bytes{1}, Bytes{1, 2}), std::invalid_argument);
}

TEST_CASE("numbers are big-endian and as wide as asked") {
  Bytes bytes;
  append_number(bytes, 0x0102, 2);
  append_number(bytes, 5, 10);
  CHECK(to_hex(bytes) == "010200000000000000000005");
  CHECK(to_number(Bytes{0x01, 0x02, 0x03}) == 0x010203);
  CHECK(to_number(Bytes{}) == 0);
}

TEST_CASE("numeric fields pad on the left, compressed numeric ones on the right") {
  CHECK(to_hex(numeric("840", 2)) == "0840");
  CHECK(to_hex(numeric("", 2)) == "0000");
  CHECK(to_hex(compressed_numeric("476173900101011", 10)) == "476173900101011FFFFF");
  CHECK_THROWS_AS(numeric("12345", 2), std::invalid_argument);
  CHECK_THROWS_AS(numeric("1A", 2), std::invalid_argument);
  CHECK_THROWS_AS(compressed_numeric("12345", 2), std::invalid_argument);
  CHECK_THROWS_AS(compressed_numeric("-1", 2), std::invalid_argument);
}

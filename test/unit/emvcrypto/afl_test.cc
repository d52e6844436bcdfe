#include "emvcrypto/afl.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

using namespace emvcrypto;

TEST_CASE("an AFL reads as its entries") {
  const auto entries = parse_afl(from_hex("08010100100105001801020120020400"));
  REQUIRE(entries);
  CHECK(*entries == std::vector<AflEntry>{{1, 1, 1, 0}, {2, 1, 5, 0}, {3, 1, 2, 1}, {4, 2, 4, 0}});
  CHECK(parse_afl(Bytes{})->empty());
}

TEST_CASE("what was written as an AFL is read back") {
  rc::prop("for any entries", [] {
    std::vector<AflEntry> entries;
    const int count = *rc::gen::inRange(0, 20);
    for (int i = 0; i < count; ++i) {
      const int first = *rc::gen::inRange(1, 256);
      const int last = *rc::gen::inRange(first, 256);
      entries.push_back({static_cast<std::uint8_t>(*rc::gen::inRange(1, 31)),
                         static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(last),
                         static_cast<std::uint8_t>(*rc::gen::inRange(0, last - first + 2))});
    }
    const auto read = parse_afl(encode_afl(entries));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == entries);
  });
}

TEST_CASE("an AFL of any bytes is refused or encodes to itself") {
  rc::prop("for any bytes", [](const Bytes& bytes) {
    if (const auto entries = parse_afl(bytes)) RC_ASSERT(encode_afl(*entries) == bytes);
  });
}

TEST_CASE("entries that contradict themselves are refused") {
  for (const char* text : {"00010100",  // SFI 0
                           "F8010100",  // SFI 31
                           "09010100",  // low bits of the SFI's byte
                           "08000100",  // record 0
                           "08020100",  // last before first
                           "08010203",  // more signed records than records
                           "080101", "0801010010"}) {
    INFO(text);
    const auto entries = parse_afl(from_hex(text));
    REQUIRE_FALSE(entries);
    CHECK(entries.error().code == "afl");
  }
  const AflEntry bad{1, 2, 1, 0};
  CHECK_THROWS_AS(encode_afl(std::span(&bad, 1)), std::invalid_argument);
}

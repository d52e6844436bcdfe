#include "cps/text_encoding.h"

#include <catch2/catch.hpp>

#include "test/unit/cps/generators.h"

using namespace cps;

TEST_CASE("a text reads back from its character set as it was written") {
  const std::string name = "Ольга Петрова";
  for (const char* set : {"UTF-8", "WINDOWS-1251", "KOI8-R", "CP866", "ISO-8859-5"}) {
    CAPTURE(set);
    TextEncoding encoding(set);
    const auto bytes = encoding.encode(name);
    REQUIRE(bytes.has_value());
    CHECK(encoding.decode(*bytes) == name);
  }
  TextEncoding encoding("windows-1251");
  CHECK(encoding.encode("Ол") == "\xCE\xEB");
}

TEST_CASE("a character that the set has not is a fault, never another character") {
  TextEncoding latin("ISO-8859-1"), ascii("ASCII");
  CHECK(latin.encode("J\xC3\xBCrgen") == "J\xFCrgen");
  CHECK_FALSE(latin.encode("Ольга").has_value());
  CHECK_FALSE(ascii.encode("J\xC3\xBCrgen").has_value());
  CHECK_FALSE(ascii.decode("\xFC").has_value());
}

TEST_CASE("what is no UTF-8 is a fault both ways") {
  for (const std::string bad : {"\x80", "\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                "\xE0\x80\x80", "\xF0\x80\x80\x80", "a\xFFz"}) {
    CAPTURE(emvcrypto::to_hex(emvcrypto::as_bytes(bad)));
    TextEncoding utf8("utf-8"), other("windows-1251");
    CHECK_FALSE(utf8.encode(bad).has_value());
    CHECK_FALSE(utf8.decode(bad).has_value());
    CHECK_FALSE(other.encode(bad).has_value());
  }
  CHECK(TextEncoding("UTF-8").decode("\xF4\x8F\xBF\xBF").has_value());
}

TEST_CASE("a set in which delimiters could hide is refused") {
  // several bytes a character, another lower half, shift states, nonsense
  for (const char* set :
       {"SHIFT_JIS", "GB18030", "BIG5", "UTF-16", "UTF-16LE", "UTF-7", "EBCDIC-US", "IBM037",
        "ISO-2022-JP", "no such set", "", "ASCII//TRANSLIT", "x/../y"}) {
    CAPTURE(set);
    CHECK_THROWS_AS(TextEncoding(set), std::invalid_argument);
  }
}

TEST_CASE("any bytes decode to a text that encodes to them again, or are a fault") {
  for (const char* set : {"UTF-8", "ISO-8859-1", "WINDOWS-1251", "CP866"})
    KPD_PROPERTY([set] {
      const Bytes bytes = *cps::test::bytes_of(0, 30);
      TextEncoding encoding(set);
      const auto text = encoding.decode(emvcrypto::as_text(bytes));
      if (text) RC_ASSERT(encoding.encode(*text) == std::string(emvcrypto::as_text(bytes)));
    });
}

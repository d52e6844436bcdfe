#include "kpd/intake/codes.h"

#include <catch2/catch.hpp>
#include <set>

namespace {

/// All texts of `length` characters of an alphabet.
std::vector<std::string> all_texts(std::string_view alphabet, std::size_t length) {
  std::vector<std::string> texts{""};
  for (std::size_t i = 0; i < length; ++i) {
    std::vector<std::string> longer;
    for (const std::string& text : texts)
      for (char c : alphabet) longer.push_back(text + c);
    texts = std::move(longer);
  }
  return texts;
}

constexpr std::string_view kDigits = "0123456789", kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

}  // namespace

TEST_CASE("countries have three codes each, which mean the same") {
  std::multiset<std::string_view> by_digits, by_two, by_three;
  for (const auto& text : all_texts(kDigits, 3))
    if (const auto code = kpd::country_code(text); !code.empty()) {
      CHECK(code == text);
      by_digits.insert(code);
    }
  for (const auto& text : all_texts(kCapitals, 2))
    if (const auto code = kpd::country_code(text); !code.empty()) by_two.insert(code);
  for (const auto& text : all_texts(kCapitals, 3))
    if (const auto code = kpd::country_code(text); !code.empty()) by_three.insert(code);
  CHECK(by_digits.size() == 249);
  CHECK(by_two == by_digits);
  CHECK(by_three == by_digits);
  CHECK(kpd::country_code("GB") == "826");
  CHECK(kpd::country_code("KAZ") == "398");
  for (const char* bad : {"", "8", "82", "8260", "gb", "8Z6", "EUR", "ZZ"})
    CHECK(kpd::country_code(bad).empty());
}

TEST_CASE("currencies are known by both codes and their minor unit") {
  CHECK(kpd::currency_code("EUR") == "978");
  CHECK(kpd::currency_code("978") == "978");
  CHECK(kpd::currency_code("XCG") == "532");
  CHECK(kpd::currency_code("532") == "532");
  for (const char* bad : {"", "9", "97", "9780", "eur", "GBR", "001"})
    CHECK(kpd::currency_code(bad).empty());
  CHECK(kpd::currency_exponent("978") == 2);
  CHECK(kpd::currency_exponent("JPY") == 0);
  CHECK(kpd::currency_exponent("048") == 3);
  CHECK(kpd::currency_exponent("CLF") == 4);
  for (const char* unknown : {"", "001", "eur", "9780"})
    CHECK_FALSE(kpd::currency_exponent(unknown).has_value());
  std::size_t found = 0;
  for (const auto& text : all_texts(kDigits, 3)) found += kpd::currency_code(text).empty() ? 0 : 1;
  CHECK(found > 170);
}

TEST_CASE("languages are the 183 of ISO 639-1") {
  std::size_t found = 0;
  for (const auto& text : all_texts("abcdefghijklmnopqrstuvwxyz", 2))
    found += kpd::is_language_code(text) ? 1 : 0;
  CHECK(found == 183);
  CHECK(kpd::is_language_code("kk"));
  for (const char* bad : {"", "e", "EN", "eng", "xx", "a ", " a", "n ", "  "})
    CHECK_FALSE(kpd::is_language_code(bad));
}

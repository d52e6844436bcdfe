// Numbers of cards as people and machines write them.
#include <algorithm>

#include "emvcrypto/bytes.h"
#include "emvcrypto/pan.h"
#include "kpd/expression/characters.h"
#include "kpd/expression/function_bodies.h"
#include "kpd/source/text_decoder.h"

namespace kpd::expression {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace

Result digits(Arguments a) {
  std::string text = a[0];
  std::erase_if(text, [](char c) { return !is_digit(c); });
  return text;
}

Result is_digits(Arguments a) {
  return std::string(all_digits(a[0]) ? "1" : "");
}

Result groups(Arguments a) {
  std::string text;
  std::size_t count = 0;
  for (char c : a[0]) {
    if (starts_character(c) && count++ > 0 && count % 4 == 1) text += ' ';
    text += c;
  }
  return text;
}

Result last4(Arguments a) {
  const std::size_t has = character_count(a[0]);
  return a[0].substr(character_start(a[0], has - std::min<std::size_t>(has, 4)));
}

Result mask(Arguments a) {
  if (!all_digits(a[0])) return refuse("only digits can be masked");
  return emvcrypto::mask_pan(a[0]);
}

Result luhn(Arguments a) {
  if (!all_digits(a[0])) return refuse("a check digit needs digits before it");
  return a[0] + emvcrypto::luhn_digit(a[0]);
}

Result luhn_ok(Arguments a) {
  return std::string(all_digits(a[0]) && emvcrypto::luhn_valid(a[0]) ? "1" : "");
}

Result hex(Arguments a) {
  return emvcrypto::to_hex(emvcrypto::as_bytes(a[0]));
}

Result unhex(Arguments a) {
  const auto bytes = emvcrypto::parse_hex(a[0]);
  if (!bytes) return refuse("this is not hexadecimal");
  std::string text(emvcrypto::as_text(*bytes));
  if (!is_utf8(text) || std::any_of(text.begin(), text.end(), is_control))
    return refuse("the bytes are no text");
  return text;
}

}  // namespace kpd::expression

#include "emvcrypto/bytes.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace emvcrypto {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

void require_digits(std::string_view digits, std::size_t width) {
  if (digits.size() > 2 * width) throw std::invalid_argument("too many digits for the field");
  if (digits.find_first_not_of("0123456789") != std::string_view::npos)
    throw std::invalid_argument("a numeric field holds something that is not a digit");
}

}  // namespace

std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(2 * bytes.size());
  for (std::uint8_t b : bytes) {
    text.push_back(kDigits[b >> 4]);
    text.push_back(kDigits[b & 0x0F]);
  }
  return text;
}

std::optional<Bytes> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit_value(text[i]);
    const int low = digit_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

Bytes from_hex(std::string_view text) {
  auto bytes = parse_hex(text);
  if (!bytes) throw std::invalid_argument("not a hexadecimal text of even length");
  return *std::move(bytes);
}

namespace {

/// Structures grow from many short parts: the first of them already gets room for more.
void make_room(Bytes& to, std::size_t more) {
  constexpr std::size_t kFirst = 64;
  const std::size_t wanted = to.size() + more;
  if (wanted > to.capacity()) to.reserve(std::max({wanted, 2 * to.capacity(), kFirst}));
}

}  // namespace

void append(Bytes& to, ByteView tail) {
  make_room(to, tail.size());
  to.insert(to.end(), tail.begin(), tail.end());
}

Bytes concat(std::initializer_list<ByteView> parts) {
  std::size_t size = 0;
  for (ByteView part : parts) size += part.size();
  Bytes all;
  all.reserve(size);
  for (ByteView part : parts) append(all, part);
  return all;
}

ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes exclusive_or(ByteView a, ByteView b) {
  if (a.size() != b.size()) throw std::invalid_argument("XOR of unequal lengths");
  Bytes result(a.begin(), a.end());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] ^= b[i];
  return result;
}

void append_number(Bytes& to, std::uint64_t value, std::size_t width) {
  if (width == 1) {
    make_room(to, 1);
    to.push_back(static_cast<std::uint8_t>(value));
    return;
  }
  std::array<std::uint8_t, 16> bytes{};
  if (width > bytes.size()) throw std::invalid_argument("a number of more than 16 bytes");
  for (std::size_t i = width; i-- > 0; value >>= 8) bytes[i] = static_cast<std::uint8_t>(value);
  append(to, ByteView(bytes).first(width));
}

std::uint64_t to_number(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::uint8_t b : bytes) value = value << 8 | b;
  return value;
}

Bytes compressed_numeric(std::string_view digits, std::size_t width) {
  require_digits(digits, width);
  std::string padded(digits);
  padded.resize(2 * width, 'F');
  return from_hex(padded);
}

Bytes numeric(std::string_view digits, std::size_t width) {
  require_digits(digits, width);
  return from_hex(std::string(2 * width - digits.size(), '0') + std::string(digits));
}

}  // namespace emvcrypto

#include "kpd/keyring/public_key.h"

#include <algorithm>

#include "emvcrypto/hash.h"

namespace kpd {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

constexpr std::uint8_t kInteger = 0x02, kBitString = 0x03, kSequence = 0x30;
constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// SEQUENCE {OID rsaEncryption, NULL}.
Bytes rsa_encryption() {
  return emvcrypto::from_hex("300D06092A864886F70D0101010500");
}

Bytes der(std::uint8_t tag, ByteView content) {
  Bytes out{tag};
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::uint8_t>(content.size()));
  } else {
    const std::size_t width = content.size() < 0x100 ? 1 : 2;
    out.push_back(static_cast<std::uint8_t>(0x80 | width));
    emvcrypto::append_number(out, content.size(), width);
  }
  emvcrypto::append(out, content);
  return out;
}

Bytes integer(ByteView number) {
  Bytes content(number.begin(), number.end());
  if (content.empty() || content.front() & 0x80) content.insert(content.begin(), 0);
  return der(kInteger, content);
}

/// Takes an object of this tag off the front; nothing when there is none. What is encoded
/// otherwise than der() does is found by encoding again.
std::optional<ByteView> take(ByteView& from, std::uint8_t tag) {
  if (from.size() < 2 || from[0] != tag) return std::nullopt;
  std::size_t head = 2, length = from[1];
  if (length & 0x80) {
    const std::size_t width = length & 0x7F;
    if (width == 0 || width > 2 || from.size() < head + width) return std::nullopt;
    length = emvcrypto::to_number(from.subspan(head, width));
    head += width;
  }
  if (from.size() - head < length) return std::nullopt;
  const ByteView content = from.subspan(head, length);
  from = from.subspan(head + length);
  return content;
}

Bytes number_of(ByteView content) {
  const auto first = std::ranges::find_if(content, [](std::uint8_t byte) { return byte != 0; });
  return Bytes(first, content.end());
}

std::string base64(ByteView bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) { return i + k < bytes.size() ? bytes[i + k] : 0U; };
    const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (std::size_t k = 0; k < 4; ++k)
      text += k <= bytes.size() - i ? kBase64[(group >> (18 - 6 * k)) & 0x3F] : '=';
  }
  return text;
}

std::optional<Bytes> parse_base64(std::string_view text) {
  Bytes bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') break;
    const std::size_t value = kBase64.find(c);
    if (value == kBase64.npos) return std::nullopt;
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xFFFFFF;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  return bytes;
}

}  // namespace

Bytes public_key_der(const hsm::RsaPublic& key) {
  const Bytes numbers =
      der(kSequence, emvcrypto::concat({integer(key.modulus), integer(key.exponent)}));
  const Bytes bits = emvcrypto::concat({Bytes{0}, numbers});
  return der(kSequence, emvcrypto::concat({rsa_encryption(), der(kBitString, bits)}));
}

std::optional<hsm::RsaPublic> parse_public_key_der(ByteView bytes) {
  ByteView rest = bytes;
  auto whole = take(rest, kSequence);
  if (!whole || !take(*whole, kSequence)) return std::nullopt;
  auto bits = take(*whole, kBitString);
  if (!bits || bits->empty()) return std::nullopt;
  ByteView inside = bits->subspan(1);
  auto numbers = take(inside, kSequence);
  if (!numbers) return std::nullopt;
  const auto modulus = take(*numbers, kInteger);
  const auto exponent = take(*numbers, kInteger);
  if (!modulus || !exponent) return std::nullopt;
  hsm::RsaPublic key{number_of(*modulus), number_of(*exponent)};
  if (!std::ranges::equal(public_key_der(key), bytes)) return std::nullopt;
  return key;
}

std::string public_key_pem(const hsm::RsaPublic& key) {
  constexpr std::size_t kLine = 64;
  const std::string text = base64(public_key_der(key));
  std::string pem = std::string(kBegin) + "\n";
  for (std::size_t i = 0; i < text.size(); i += kLine) pem += text.substr(i, kLine) + "\n";
  return pem + std::string(kEnd) + "\n";
}

std::optional<hsm::RsaPublic> parse_public_key_pem(std::string_view text) {
  const std::size_t begin = text.find(kBegin);
  if (begin == text.npos) return std::nullopt;
  text = text.substr(begin + kBegin.size());
  const std::size_t end = text.find(kEnd);
  if (end == text.npos) return std::nullopt;
  const auto bytes = parse_base64(text.substr(0, end));
  return bytes ? parse_public_key_der(*bytes) : std::nullopt;
}

std::string fingerprint(const hsm::RsaPublic& key) {
  return emvcrypto::to_hex(emvcrypto::sha256({public_key_der(key)}));
}

}  // namespace kpd

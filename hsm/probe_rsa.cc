// RSA pairs by length and exponent, raw signatures, and CRT parts.
#include <array>
#include <charconv>

#include "emvcrypto/rsa.h"
#include "hsm/mechanism_probe.h"

namespace hsm {

namespace {

constexpr const char* kGroup = "RSA";
constexpr const char* kGenerator = "CKM_RSA_PKCS_KEY_PAIR_GEN";
constexpr std::string_view kStart = "RSA ", kMiddle = " e=", kParts = " parts";
constexpr std::size_t kLeast = 512, kMost = 4096;
// EMV's lengths, a modulus of 247 bytes (the most where tag 9F46 is used) among them.
constexpr std::array<std::size_t, 6> kLengths = {1024, 1152, 1408, 1976, 1984, 2048};

std::string name_of(std::size_t bits, unsigned exponent) {
  return std::string(kStart) + std::to_string(bits) + std::string(kMiddle) +
         std::to_string(exponent);
}

/// A new pair recovers what it signs, and has the exponent that was asked for.
bool signs_raw(Token& token, std::size_t bits, unsigned exponent) {
  const Key key = token.generate_rsa(bits, exponent, {.sign = true}, "");
  const RsaPublic half = token.public_key(key);
  Bytes block = probe_pattern(bits / 8);
  block.front() = 0x6A;  // as EMV's blocks begin; less than any modulus
  const std::array blocks = {block};
  const auto signatures = token.sign_raw(key, blocks);
  return emvcrypto::to_number(half.exponent) == exponent && half.modulus.size() == bits / 8 &&
         emvcrypto::rsa_recover({half.modulus, half.exponent}, signatures.front()) == block;
}

bool shows_parts(Token& token, std::size_t bits, unsigned exponent) {
  const ExposedRsaPair pair = token.generate_rsa_exposed(bits, exponent);
  const emvcrypto::RsaPublicKey key{pair.public_key.modulus, pair.public_key.exponent};
  const emvcrypto::RsaPrivateCrt parts{pair.p.duplicate(), pair.q.duplicate(), pair.dp.duplicate(),
                                       pair.dq.duplicate(), pair.qinv.duplicate()};
  Bytes block = probe_pattern(bits / 8);
  block.front() = 0x6A;
  const auto signer = emvcrypto::make_rsa_signer(key, parts);
  return emvcrypto::rsa_recover(key, signer->sign_raw({&block, 1}).front()) == block;
}

Probe make_probe(std::size_t bits, unsigned exponent, bool parts) {
  Probe probe{{name_of(bits, exponent) + (parts ? std::string(kParts) : ""), kGroup, kGenerator},
              {}};
  if (parts)
    probe.run = [=](Token& token, auto&) { return shows_parts(token, bits, exponent); };
  else
    probe.run = [=](Token& token, auto&) { return signs_raw(token, bits, exponent); };
  return probe;
}

bool take(std::string_view& text, std::string_view start) {
  if (!text.starts_with(start)) return false;
  text.remove_prefix(start.size());
  return true;
}

template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

}  // namespace

std::string rsa_parts_probe(std::size_t bits, unsigned exponent) {
  return name_of(bits, exponent) + std::string(kParts);
}

std::optional<Probe> make_rsa_probe(const std::string& name) {
  std::string_view rest = name;
  std::size_t bits = 0;
  unsigned exponent = 0;
  if (!take(rest, kStart) || !take_number(rest, bits) || !take(rest, kMiddle) ||
      !take_number(rest, exponent) || bits < kLeast || bits > kMost || bits % 8 != 0)
    return std::nullopt;
  const bool parts = take(rest, kParts);
  if (!rest.empty()) return std::nullopt;
  return make_probe(bits, exponent, parts);
}

void add_rsa_probes(Probes& to) {
  for (const std::size_t bits : kLengths)
    for (const unsigned exponent : {3U, 65537U}) to.push_back(make_probe(bits, exponent, false));
  for (const unsigned exponent : {3U, 65537U}) to.push_back(make_probe(1152, exponent, true));
  to.push_back({{"CKM_RSA_X_509", kGroup, "CKM_RSA_X_509"},
                [](Token& token, auto&) { return signs_raw(token, 1024, 65537); }});
}

}  // namespace hsm

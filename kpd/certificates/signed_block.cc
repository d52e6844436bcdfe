#include "kpd/certificates/signed_block.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpd {

Expected<FieldValues> open_block(const emvcrypto::RsaPublicKey& key, ByteView certificate,
                                 const FileLayout& layout) {
  if (certificate.size() != key.size())
    return emvcrypto::fault("cert-length",
                            fmt::format("the certificate has {} bytes, the key that should have "
                                        "signed it {}",
                                        certificate.size(), key.size()));
  if (!std::ranges::lexicographical_compare(certificate, key.modulus))
    return emvcrypto::fault("cert-length",
                            "the certificate is no number below the modulus of the key that "
                            "should have signed it");
  auto block = layout.parse(emvcrypto::rsa_recover(key, certificate));
  if (!block)
    return emvcrypto::fault("cert-key",
                            "the certificate was changed, or another key signed it: "
                            "opened, at " +
                                block.error().reason);
  return block;
}

Expected<void> check_own_key(const FieldValues& block, const emvcrypto::RsaPublicKey& key) {
  const Bytes& left = block.at("modulus_left");
  const bool same = left.size() <= key.size() &&
                    std::equal(left.begin(), left.end(), key.modulus.begin()) &&
                    emvcrypto::to_number(block.at("modulus_length")) == key.size() &&
                    emvcrypto::to_number(block.at("exponent_length")) == key.exponent.size();
  if (!same) return emvcrypto::fault("cert-key", "the signed part is of another key than the file");
  return {};
}

Expected<void> check_same(const FieldValues& file, const FieldValues& block,
                          std::string_view name) {
  const Bytes& outside = file.at(name);
  const Bytes& inside = block.at(name);
  if (outside != inside)
    return emvcrypto::fault("cert-contradiction",
                            fmt::format("{} is {} in the file and {} in its signed part", name,
                                        emvcrypto::to_hex(outside), emvcrypto::to_hex(inside)));
  return {};
}

Expected<void> check_numbers(const emvcrypto::RsaPublicKey& key) {
  constexpr std::size_t kShortest = 64, kLongest = 248;
  if (key.exponent != Bytes{3} && key.exponent != Bytes{1, 0, 1})
    return emvcrypto::fault("cert-exponent", "the exponent is " + emvcrypto::to_hex(key.exponent) +
                                                 ", it must be 03 or 010001");
  if (key.size() < kShortest || key.size() > kLongest || key.modulus.front() == 0 ||
      key.modulus.back() % 2 == 0)
    return emvcrypto::fault("cert-modulus",
                            fmt::format("the modulus of {} bytes is none of an RSA key of {} to "
                                        "{} bytes",
                                        key.size(), kShortest, kLongest));
  return {};
}

Expected<emvcrypto::Date> last_day_of(ByteView mmyy) {
  const std::string digits = emvcrypto::to_hex(mmyy);
  const auto day = digits.size() == 4
                       ? emvcrypto::parse_yymm_end(digits.substr(2) + digits.substr(0, 2))
                       : std::nullopt;
  if (!day) return emvcrypto::fault("cert-expiry", digits + " is no month MMYY");
  return *day;
}

}  // namespace kpd

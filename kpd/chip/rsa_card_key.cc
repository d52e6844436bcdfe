#include "kpd/chip/rsa_card_key.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/botan_primitives.h"
#include "emvcrypto/rsa.h"
#include "kpd/chip/padding.h"

namespace kpd::chip {
namespace {

/// A number that is known to be odd, without the padding that its last bit gives away.
std::optional<ByteView> odd_number(ByteView raw) {
  if (!raw.empty() && (raw.back() & 1) != 0) return raw;
  const auto stripped = without_padding_80(raw, kAesBlock);
  if (!stripped || stripped->empty() || (stripped->back() & 1) == 0) return std::nullopt;
  return stripped;
}

/// A number of known length, padded or not.
std::optional<ByteView> sized_number(ByteView raw, std::size_t size) {
  if (raw.size() == size) return raw;
  const auto stripped = without_padding_80(raw, kAesBlock);
  if (!stripped || stripped->size() != size) return std::nullopt;
  return stripped;
}

Bytes product(ByteView a, ByteView b) {
  Bytes result(a.size() + b.size());
  for (std::size_t i = a.size(); i-- > 0;) {
    unsigned carry = 0;
    for (std::size_t j = b.size(); j-- > 0;) {
      const unsigned sum = unsigned{a[i]} * b[j] + result[i + j + 1] + carry;
      result[i + j + 1] = static_cast<std::uint8_t>(sum);
      carry = sum >> 8;
    }
    result[i] = static_cast<std::uint8_t>(carry);
  }
  return result;
}

Bytes without_leading_zeros(const Bytes& number) {
  return Bytes(std::find_if(number.begin(), number.end(), [](std::uint8_t b) { return b != 0; }),
               number.end());
}

bool begins_with_one_bit(ByteView modulus) {
  return !modulus.empty() && modulus[0] >= 0x80;
}

}  // namespace

void RsaCardKey::load(Part part, ByteView value) {
  parts_[static_cast<std::size_t>(part)] = Secret(value);
}

bool RsaCardKey::is_begun() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Secret& part) { return !part.empty(); });
}

bool RsaCardKey::build(ByteView public_exponent) {
  function_ = nullptr;
  size_ = 0;
  const bool crt = !part(Part::p).empty() || !part(Part::q).empty() || !part(Part::dp).empty() ||
                   !part(Part::dq).empty() || !part(Part::qinv).empty();
  const bool built = crt ? build_from_crt(public_exponent) : build_from_exponent(public_exponent);
  if (built) size_ = modulus_.size();
  return built;
}

std::optional<Bytes> RsaCardKey::apply(ByteView block) const {
  if (!is_ready() || block.size() != size_ || !emvcrypto::botan::less(block, modulus_))
    return std::nullopt;
  return function_(block);
}

bool RsaCardKey::build_from_exponent(ByteView public_exponent) {
  const auto modulus = odd_number(part(Part::modulus).expose());
  const auto exponent = odd_number(part(Part::exponent).expose());
  if (!modulus || !exponent || !begins_with_one_bit(*modulus)) return false;
  const emvcrypto::RsaPublicKey key{Bytes(modulus->begin(), modulus->end()),
                                    Bytes(public_exponent.begin(), public_exponent.end())};
  const auto held = std::make_shared<Secret>(*exponent);
  auto function = [n = key.modulus, held](ByteView block) {
    return emvcrypto::botan::power_mod(block, held->expose(), n);
  };
  const Bytes probe(key.size(), 0x5A);
  if (emvcrypto::rsa_recover(key, function(probe)) != probe) return false;
  modulus_ = key.modulus;
  function_ = std::move(function);
  return true;
}

bool RsaCardKey::build_from_crt(ByteView public_exponent) {
  const auto p = odd_number(part(Part::p).expose());
  const auto q = odd_number(part(Part::q).expose());
  if (!p || !q) return false;
  const auto dp = sized_number(part(Part::dp).expose(), p->size());
  const auto dq = sized_number(part(Part::dq).expose(), q->size());
  const auto qinv = sized_number(part(Part::qinv).expose(), p->size());
  if (!dp || !dq || !qinv) return false;
  const emvcrypto::RsaPublicKey key{without_leading_zeros(product(*p, *q)),
                                    Bytes(public_exponent.begin(), public_exponent.end())};
  if (!begins_with_one_bit(key.modulus)) return false;
  const emvcrypto::RsaPrivateCrt crt{Secret(*p), Secret(*q), Secret(*dp), Secret(*dq),
                                     Secret(*qinv)};
  std::shared_ptr<emvcrypto::RsaSigner> signer;
  try {
    signer = emvcrypto::make_rsa_signer(key, crt);
  } catch (const std::invalid_argument&) {
    return false;  // the parts do not belong together
  }
  modulus_ = key.modulus;
  function_ = [signer](ByteView block) {
    const std::array<Bytes, 1> blocks{Bytes(block.begin(), block.end())};
    return signer->sign_raw(blocks).front();
  };
  return true;
}

}  // namespace kpd::chip

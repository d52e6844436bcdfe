#include "kpd/plan/plan.h"

#include <algorithm>

#include "kpd/exit_code.h"

namespace kpd {

std::size_t Plan::key(std::string_view role) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const KeyPlan& k) { return k.role == role; });
  if (found == keys.end())
    throw Failure(ExitCode::usage, "the job names no key for the role " + std::string(role) +
                                       ": add it under 'keys'");
  return static_cast<std::size_t>(found - keys.begin());
}

bool has_remainder(const RsaPairPlan& pair, const IssuerPlan& issuer) {
  constexpr std::size_t kFixedPart = 42;  // bytes of an ICC certificate beside the modulus
  return pair.bits / 8 + kFixedPart > issuer.key.size();
}

std::optional<Bytes> certificate_serial(const IssuerPlan& issuer, std::uint64_t ordinal,
                                        int which) {
  constexpr std::uint64_t kLast = 0xFFFFFF;
  if (ordinal > kLast) return std::nullopt;
  const std::uint64_t serial = issuer.serial_base + 2 * ordinal + static_cast<unsigned>(which);
  if (serial > kLast) return std::nullopt;
  Bytes bytes;
  emvcrypto::append_number(bytes, serial, 3);
  return bytes;
}

Bytes card_reference(const Plan& plan, std::uint64_t ordinal, std::uint16_t generation) {
  Bytes reference = emvcrypto::from_hex(std::string_view(plan.digest).substr(0, 16));
  emvcrypto::append_number(reference, ordinal, 6);
  emvcrypto::append_number(reference, generation, 2);
  return reference;
}

}  // namespace kpd

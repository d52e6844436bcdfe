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

emvcrypto::Expected<std::size_t> Plan::choose_card(
    std::string_view product, const std::function<std::string_view(FieldId)>& field) const {
  const auto found = products.find(product);
  if (found == products.end()) return emvcrypto::fault("product", "the job has no such product");
  const auto risk = risks.find(product);
  if (risk == risks.end()) return found->second;
  const std::string_view said = field(risk->second.field);
  const auto profile = risk->second.cards.find(said.empty() ? risk->second.fallback : said);
  if (profile == risk->second.cards.end())
    return emvcrypto::fault("risk", "the product has no such risk profile");
  return profile->second;
}

bool CardPlan::needs_pin() const {
  return std::any_of(applications.begin(), applications.end(),
                     [](const ApplicationPlan& a) { return a.pin.has_value(); }) ||
         std::any_of(values.begin(), values.end(),
                     [](const ValuePlan& value) { return value.needs_pin(); });
}

const DgiPlan* ApplicationPlan::find_dgi(cps::DgiId id) const {
  for (const DgiPlan& dgi : dgis)
    if (dgi.id == id) return &dgi;
  return nullptr;
}

std::optional<SecretUse> DgiPlan::use() const {
  switch (kind) {
    case Kind::keys:
      return SecretUse::card_keys;
    case Kind::icc_part:
    case Kind::pin_key_part:
      return SecretUse::icc_keys;
    case Kind::pin:
      return SecretUse::pin;
    case Kind::given_secret:
      return given_use;
    default:
      return std::nullopt;
  }
}

std::optional<cps::Cmode> OutputPlan::cmode_of(const DgiPlan& dgi) const {
  const auto use = dgi.use();
  if (!use || dgi.cmode) return use ? dgi.cmode : std::nullopt;
  switch (*use) {
    case SecretUse::card_keys:
      return cmodes.card_keys;
    case SecretUse::icc_keys:
      return cmodes.icc_keys;
    case SecretUse::pin:
      break;
  }
  return cmodes.pin;
}

bool has_remainder(const RsaPairPlan& pair, const IssuerPlan& issuer) {
  constexpr std::size_t kFixedPart = 42;  // bytes of an ICC certificate beside the modulus
  return pair.bits / 8 + kFixedPart > issuer.key.size();
}

std::optional<Bytes> certificate_serial(const IssuerPlan& issuer, std::uint64_t ordinal,
                                        int which) {
  constexpr std::uint64_t kLast = 0xFFFFFF;
  if (ordinal > kLast) return std::nullopt;
  const std::uint64_t used = 2 * ordinal + static_cast<unsigned>(which);
  if (issuer.serial_count != 0 && used >= issuer.serial_count) return std::nullopt;
  const std::uint64_t serial = issuer.serial_base + used;
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

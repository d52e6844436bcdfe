#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <stdexcept>

#include "kpd/exit_code.h"
#include "kpd/keys/icc_keys.h"

namespace kpd {
namespace {

using emvcrypto::RsaKeyPair;
using emvcrypto::RsaShape;

/// A pair must work before it goes to a card: its parts belong together and to the modulus, and
/// what they sign is recovered by the public key. Throws Failure when the device made a wrong one.
void require_sound(const RsaKeyPair& pair, unsigned exponent, const hsm::Token& token) {
  hsm::Bytes block(pair.public_key.size(), 0x6A);
  block[0] = 0;
  bool sound = emvcrypto::to_number(pair.public_key.exponent) == exponent;
  try {
    const auto signer = emvcrypto::make_rsa_signer(pair.public_key, pair.crt);
    sound = sound &&
            emvcrypto::rsa_recover(pair.public_key, signer->sign_raw({&block, 1}).front()) == block;
  } catch (const std::invalid_argument&) {
    sound = false;
  }
  if (!sound)
    throw Failure(ExitCode::away,
                  "token '" + token.label() +
                      "' made an RSA pair that does not work: do not use this device");
}

/// Whether no part begins with a zero byte.
bool has_full_parts(const emvcrypto::RsaPrivateCrt& crt) {
  return std::ranges::all_of(std::array{&crt.p, &crt.q, &crt.dp, &crt.dq, &crt.qinv},
                             [](const hsm::Secret* part) { return part->expose().front() != 0; });
}

class DeviceKeys : public IccKeys {
 public:
  explicit DeviceKeys(std::shared_ptr<hsm::Token> token) : token_(std::move(token)) {}

  std::vector<RsaKeyPair> take(const RsaShape& shape, std::size_t count) override {
    std::vector<RsaKeyPair> pairs;
    pairs.reserve(count);
    while (pairs.size() < count) {
      hsm::ExposedRsaPair made = token_->generate_rsa_exposed(shape.bits, shape.exponent);
      RsaKeyPair pair{{std::move(made.public_key.modulus), std::move(made.public_key.exponent)},
                      {std::move(made.p), std::move(made.q), std::move(made.dp), std::move(made.dq),
                       std::move(made.qinv)}};
      require_sound(pair, shape.exponent, *token_);
      if (!shape.full_parts || has_full_parts(pair.crt)) pairs.push_back(std::move(pair));
    }
    made_ += count;
    return pairs;
  }

  IccKeyCounts counts() const override { return {{"hsm", made_}}; }

 private:
  std::shared_ptr<hsm::Token> token_;
  std::atomic<std::uint64_t> made_ = 0;
};

}  // namespace

RsaShape shape_of(const RsaPairPlan& pair) {
  return {static_cast<unsigned>(pair.bits), pair.exponent, pair.full_parts};
}

std::string shape_name(const RsaShape& shape) {
  return fmt::format("{} bits, e = {}{}", shape.bits, shape.exponent,
                     shape.full_parts ? ", full parts" : "");
}

std::unique_ptr<IccKeys> make_device_keys(std::shared_ptr<hsm::Token> token) {
  return std::make_unique<DeviceKeys>(std::move(token));
}

}  // namespace kpd

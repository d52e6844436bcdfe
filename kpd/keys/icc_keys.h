/// RSA pairs for cards, from where the job wants them: the device, the key factory, the pool.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emvcrypto/factory/key_factory.h"
#include "hsm/token.h"
#include "kpd/plan/icc_key_plan.h"

namespace kpd {

/// Pairs made so far, by who made them: "hsm", "factory", "pool".
using IccKeyCounts = std::map<std::string, std::uint64_t>;

/// One source of pairs. Thread-safe.
class IccKeys {
 public:
  virtual ~IccKeys() = default;

  /// So many pairs of this shape, each of them checked and never given out before. Throws
  /// Failure(hold) when there are none to be had, hsm::Error when the device fails.
  virtual std::vector<emvcrypto::RsaKeyPair> take(const emvcrypto::RsaShape& shape,
                                                  std::size_t count) = 0;

  virtual IccKeyCounts counts() const = 0;
};

/// What the factory and the pool call a plan's pair.
emvcrypto::RsaShape shape_of(const RsaPairPlan& pair);

/// "1152 bits, e = 3".
std::string shape_name(const emvcrypto::RsaShape& shape);

/// Pairs by C_GenerateKeyPair, their parts read out at once (Token::generate_rsa_exposed).
std::unique_ptr<IccKeys> make_device_keys(std::shared_ptr<hsm::Token> token);

/// Pairs by the key factory, which the device's generator seeds; as many factories as threads ask
/// at a time.
std::unique_ptr<IccKeys> make_factory_keys(
    std::shared_ptr<hsm::Token> token,
    emvcrypto::FactoryPath path = emvcrypto::FactoryPath::automatic);

}  // namespace kpd

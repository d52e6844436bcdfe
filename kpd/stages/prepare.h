/// Stage `prepare`: values, data elements and secrets of each card.
#pragma once

#include <map>
#include <memory>

#include "emvcrypto/mac.h"
#include "hsm/token.h"
#include "kpd/keys/host_window.h"
#include "kpd/keys/transport_keys.h"
#include "kpd/stages/chunk.h"
#include "kpd/stages/secret_batch.h"

namespace kpd {

class Prepare {
 public:
  /// Finds every key that the plan names, makes the batch's transport keys. Throws before the first
  /// card when something is missing or a needed window is refused.
  Prepare(const Plan& plan, std::shared_ptr<hsm::Token> token, HostWindows& windows);

  const TransportKeys& transport_keys() const { return transport_; }

  /// Cards whose data cannot be made leave as rejects (stage "prepare").
  void run(Chunk& chunk);

 private:
  void make_values(Chunk& chunk, ChunkFaults& faults);    // prepare_values.cc
  void make_elements(Chunk& chunk, ChunkFaults& faults);  // prepare_values.cc
  void make_modules(Chunk& chunk, ChunkFaults& faults);   // prepare_values.cc
  void make_card_keys(Chunk& chunk, const ChunkFaults& faults, SecretBatch& out);  // card_keys.cc
  void make_pins(Chunk& chunk, ChunkFaults& faults, SecretBatch& out);             // pins.cc
  void make_rsa_pairs(Chunk& chunk, const ChunkFaults& faults, SecretBatch& out);  // rsa_pairs.cc
  void refuse_unless_allowed() const;

  const ApplicationPlan& plan_of(const pb::Card& card, std::size_t application) const {
    return plan_.cards[card.card()].applications[application];
  }

  const Plan& plan_;
  std::shared_ptr<hsm::Token> token_;
  HostWindows& windows_;
  TransportKeys transport_;
  std::vector<hsm::Key> keys_;  ///< by index in Plan::keys
  std::optional<hsm::Key> kek1_;
  std::map<std::pair<std::size_t, std::size_t>, emvcrypto::RetailMacKey> cvks_;
};

}  // namespace kpd

/// Stage `prepare`: values, data elements and secrets of each card.
#pragma once

#include <memory>
#include <mutex>

#include "hsm/token.h"
#include "kpd/device/routes.h"
#include "kpd/keys/host_window.h"
#include "kpd/keys/icc_keys.h"
#include "kpd/keys/transport_keys.h"
#include "kpd/stages/card_values.h"
#include "kpd/stages/chunk.h"
#include "kpd/stages/pin_maker.h"
#include "kpd/stages/secret_batch.h"

namespace kpd {

/// One for a run; any number of threads may work on chunks.
class Prepare {
 public:
  /// Finds every key that the plan names, makes the batch's transport keys. icc_keys: as the plan
  /// says (open_icc_keys()); null: so, without a pool. Throws before the first card when something
  /// is missing or a needed window is refused.
  Prepare(const Plan& plan, std::shared_ptr<hsm::Token> token, HostWindows& windows,
          std::unique_ptr<IccKeys> icc_keys = nullptr);

  const TransportKeys& transport_keys() const { return transport_; }

  /// Which secrets stay inside the device.
  const Routes& routes() const { return routes_; }

  /// Where the cards' RSA pairs came from.
  IccKeyCounts icc_key_counts() const { return icc_keys_->counts(); }

  /// Cards whose data cannot be made leave as rejects (stage "prepare"). Throws Failure(hold) when
  /// more PINs are wrong than the plan bears.
  void run(Chunk& chunk);

 private:
  struct CardKeys;    // card_keys.cc
  class HostKeys;     // card_keys.cc
  class InsideKeys;   // card_keys_inside.cc
  struct WantedPair;  // rsa_pairs.cc

  /// Secrets by what they are, on their way under the transport keys.
  struct SecretBatches {
    explicit SecretBatches(const OutputPlan& output)
        : card_keys(output), icc_keys(output), pin(output) {}
    SecretBatch card_keys, icc_keys, pin;
    SecretBatch& of(SecretUse use) {
      return use == SecretUse::card_keys ? card_keys : use == SecretUse::icc_keys ? icc_keys : pin;
    }
  };

  void make_elements(Chunk& chunk, ChunkFaults& faults);  // prepare_values.cc
  void make_modules(Chunk& chunk, ChunkFaults& faults);   // prepare_values.cc

  void place_pins(const Chunk& chunk, const ChunkPins& pins, const ChunkFaults& faults,
                  SecretBatch& out);                                            // pins.cc
  void make_mailers(Chunk& chunk, const ChunkPins& pins, ChunkFaults& faults);  // pins.cc

  void make_card_keys(Chunk& chunk, ChunkFaults& faults, SecretBatch& out);         // card_keys.cc
  void collect_keys(const Chunk& chunk, ChunkFaults& faults, CardKeys& all) const;  // card_keys.cc
  void derive_keys(const Chunk& chunk, CardKeys& all);                              // card_keys.cc
  void open_given_keys(const Chunk& chunk, ChunkFaults& faults, CardKeys& all);     // card_keys.cc
  /// The input field that brings the key, or else the key's name.
  std::string given_field(const CardKeyPlan& key) const;  // card_keys.cc

  void take_given_dgis(Chunk& chunk, ChunkFaults& faults) const;  // given_dgis.cc
  void take_given_secrets(const Chunk& chunk, ChunkFaults& faults,
                          SecretBatches& out);  // given_secrets.cc
  void make_rsa_pairs(Chunk& chunk, const ChunkFaults& faults, SecretBatch& out);  // rsa_pairs.cc
  void place_pair(Chunk& chunk, const WantedPair& to, const emvcrypto::RsaKeyPair& pair,
                  SecretBatch& out) const;  // rsa_pairs.cc

  // Secrets that stay inside the device, straight into the cards.
  void wrap_card_keys(Chunk& chunk, ChunkFaults& faults);  // card_keys_inside.cc
  void pass_pins(Chunk& chunk, ChunkFaults& faults);       // pins_inside.cc
  /// A secret DGI under this transport key, with its padding.
  void add_inside(pb::Application& made, const DgiPlan& dgi, Bytes enciphered,
                  const hsm::Key& transport);  // card_keys_inside.cc
  /// Fills the mailer's fields; not the PIN block.
  void fill_mailer(pb::Card& card, std::size_t index, ChunkFaults& faults) const;  // pins.cc

  const ApplicationPlan& plan_of(const pb::Card& card, std::size_t application) const {
    return plan_.cards[card.card()].applications[application];
  }

  const Plan& plan_;
  std::shared_ptr<hsm::Token> token_;
  HostWindows& windows_;
  TransportKeys transport_;
  std::vector<hsm::Key> keys_;  ///< by index in Plan::keys
  Routes routes_;
  std::unique_ptr<IccKeys> icc_keys_;
  std::mutex padding_mutex_;
  std::map<const void*, Bytes> padding_;  ///< 80 00.. under a transport key
  PinMaker pins_;
  CardValues values_;
};

}  // namespace kpd

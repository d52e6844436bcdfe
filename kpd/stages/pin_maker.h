/// Cardholders' PINs of a chunk: opened, computed or drawn, as the job says.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "hsm/token.h"
#include "kpd/keys/host_window.h"
#include "kpd/stages/chunk.h"

namespace kpd {

/// ASCII digits by card of the chunk; empty where the card has none or is faulty.
using ChunkPins = std::vector<hsm::Secret>;

/// One for a run, whatever the number of threads that make chunks.
class PinMaker {
 public:
  /// keys: by index in Plan::keys. All but `token` must outlive it.
  PinMaker(const Plan& plan, std::shared_ptr<hsm::Token> token, const std::vector<hsm::Key>& keys,
           HostWindows& windows)
      : plan_(plan), token_(std::move(token)), keys_(keys), windows_(windows) {}

  /// The PINs of all cards that need one, in as few calls of the device as there can be. Faults
  /// "pin-missing", "pin-format", "pin-length", "pin-block", "pin-offset" and "pin-validation";
  /// none of them tells a digit. Throws Failure(hold) when more PINs are wrong than the plan bears.
  ChunkPins make(const Chunk& chunk, ChunkFaults& faults);

 private:
  using Wanted = std::vector<std::size_t>;  ///< cards of the chunk that need a PIN

  void open_blocks(const Chunk& chunk, const Wanted& wanted, ChunkPins& pins, ChunkFaults& faults);
  void follow_offsets(const Chunk& chunk, const Wanted& wanted, ChunkPins& pins,
                      ChunkFaults& faults);
  void draw(const Wanted& wanted, ChunkPins& pins) const;
  void tell(std::size_t card, emvcrypto::Fault fault, ChunkFaults& faults) const;
  void count_wrong();

  const Plan& plan_;
  std::shared_ptr<hsm::Token> token_;
  const std::vector<hsm::Key>& keys_;
  HostWindows& windows_;
  std::atomic<std::uint64_t> wrong_ = 0;  ///< PINs that came wrong, since the run began
};

/// Validation data of a card: 16 hexadecimal digits. Fault "pin-validation".
emvcrypto::Expected<std::string> validation_data(const Ibm3624Plan& plan, const pb::Card& card);

}  // namespace kpd

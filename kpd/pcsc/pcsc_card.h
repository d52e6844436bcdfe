/// Chips in PC/SC readers (PC/SC 2.01.14, by way of pcsc-lite).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cps/slot.h"

namespace kpd {

class DeadlineWorker;

/// Names of the readers that are connected now; may be none. Throws SlotGone when the PC/SC
/// service does not answer.
std::vector<std::string> list_readers();

/// Which transmission protocol to ask for.
enum class PcscProtocol {
  any,  ///< whichever the card's ATR puts first
  t0,
  t1
};

/// The station at one reader: a context of its own and the card in it, held exclusively. Stations
/// that share a context wait for each other, so each has one; use each from one thread.
class PcscCard final : public cps::Slot {
 public:
  /// Throws SlotGone when the service does not answer.
  explicit PcscCard(std::string reader, PcscProtocol protocol = PcscProtocol::any);
  ~PcscCard() override;

  /// Waits until a card answers in the reader and connects to it; a card that is held already is
  /// let go first. False when none came in time. The service polls its readers: a card is seen some
  /// 0.3 s after it came. Throws SlotGone also when another program holds the card.
  bool wait_for_card(std::chrono::milliseconds timeout) override;

  bool wait_for_removal(std::chrono::milliseconds timeout) override;
  const std::string& name() const override { return reader_; }
  const std::string& last_error() const override { return last_error_; }

  cps::Bytes atr() const override;

  /// Cold unpowers the chip, warm only resets it. Also brings a station back whose card was lost,
  /// if a card is there by then. False when no card answers within 30 seconds; see last_error().
  bool reset(cps::Reset how) override;

  /// One command. PC/SC knows no deadline of its own: the reader waits as long as the card asks
  /// for. A command that has no answer by `deadline` is reported as broken, since nothing is known
  /// of it any more; this station is of no further use then, and its reader stays taken until the
  /// service lets go. Under T=0 the Le of a command with data is left out, as that protocol wants
  /// it.
  cps::Response transmit(cps::ByteView command, std::chrono::milliseconds deadline) override;

 private:
  struct Link;
  void let_go();
  bool connect();
  bool wait_for(unsigned long state, std::chrono::milliseconds timeout);
  unsigned long wanted_protocols() const;

  std::string reader_;
  PcscProtocol protocol_;
  std::string last_error_;
  std::shared_ptr<Link> link_;
  std::unique_ptr<DeadlineWorker> worker_;  ///< goes first: its jobs use the link
};

}  // namespace kpd

/// A recorded session in the card's place.
#pragma once

#include "kpd/trace/key_service_around.h"
#include "kpd/trace/trace.h"

namespace kpd {

/// Where a replay leaves the recording.
struct TraceDifference {
  std::size_t step = 0;  ///< of the recording, from 1; one more than it has: behind its end
  std::optional<TraceStep> recorded;         ///< nothing: the recording ends before
  std::optional<cps::CardRequest> replayed;  ///< nothing: the script ends before
};

/// The recording on its way. Its trace outlives it.
class TraceReplay {
 public:
  explicit TraceReplay(const Trace& trace) : trace_(trace) {}

  /// What the card answered to this request; a lost card when something else was asked then.
  cps::Response answer(const cps::CardRequest& request);

  /// The recorded challenge; zeros when none was drawn here.
  Bytes challenge(std::size_t count);

  /// The script came to its end: nothing more may be recorded.
  void finish();

  const std::optional<TraceDifference>& difference() const { return difference_; }

 private:
  const TraceStep* next() const;

  const Trace& trace_;
  std::size_t at_ = 0;
  std::optional<TraceDifference> difference_;
};

class ReplayedCard final : public cps::Card {
 public:
  ReplayedCard(TraceReplay& replay, Bytes atr) : replay_(replay), atr_(std::move(atr)) {}

  Bytes atr() const override { return atr_; }
  bool reset(cps::Reset how) override;
  cps::Response transmit(ByteView command, std::chrono::milliseconds) override {
    return replay_.answer(Bytes(command.begin(), command.end()));
  }

 private:
  TraceReplay& replay_;
  Bytes atr_;
};

class ReplayedKeys final : public KeyServiceAround {
 public:
  ReplayedKeys(cps::KeyService& keys, TraceReplay& replay)
      : KeyServiceAround(keys), replay_(replay) {}
  Bytes random(std::size_t count) override { return replay_.challenge(count); }

 private:
  TraceReplay& replay_;
};

}  // namespace kpd

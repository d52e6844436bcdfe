/// Recording a session: a card and a key service that write down what passes.
#pragma once

#include <chrono>

#include "kpd/trace/key_service_around.h"
#include "kpd/trace/trace.h"

namespace kpd {

/// The session's steps, in one order for card and keys.
class TraceRecorder {
 public:
  explicit TraceRecorder(Trace& trace) : trace_(trace) {}

  std::uint64_t now() const;  ///< microseconds from the recorder's begin
  void add(TraceStep step) { trace_.steps.push_back(std::move(step)); }

 private:
  Trace& trace_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// A card whose exchanges are recorded. What it refers to outlives it.
class RecordedCard final : public cps::Card {
 public:
  RecordedCard(cps::Card& card, TraceRecorder& recorder) : card_(card), recorder_(recorder) {}

  Bytes atr() const override { return card_.atr(); }
  bool reset(cps::Reset how) override;
  cps::Response transmit(ByteView command, std::chrono::milliseconds deadline) override;

 private:
  cps::Card& card_;
  TraceRecorder& recorder_;
};

/// A key service whose challenges are recorded: the one thing of it that is not the same again.
class RecordedKeys final : public KeyServiceAround {
 public:
  RecordedKeys(cps::KeyService& keys, TraceRecorder& recorder)
      : KeyServiceAround(keys), recorder_(recorder) {}

  Bytes random(std::size_t count) override;

 private:
  TraceRecorder& recorder_;
};

}  // namespace kpd

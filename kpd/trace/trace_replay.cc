#include "kpd/trace/trace_replay.h"

namespace kpd {

const TraceStep* TraceReplay::next() const {
  return at_ < trace_.steps.size() ? &trace_.steps[at_] : nullptr;
}

cps::Response TraceReplay::answer(const cps::CardRequest& request) {
  const TraceStep* step = next();
  const bool same =
      !difference_ && step != nullptr && !step->is_challenge() && step->request == request;
  if (same) {
    ++at_;
    return step->response;
  }
  if (!difference_) {
    difference_ = {at_ + 1, std::nullopt, request};
    if (step != nullptr) difference_->recorded = *step;
  }
  return {cps::Response::Kind::lost, {}, "the recording has no such request here"};
}

Bytes TraceReplay::challenge(std::size_t count) {
  const TraceStep* step = next();
  if (step == nullptr || step->challenge.size() != count) return Bytes(count);
  ++at_;
  return step->challenge;
}

void TraceReplay::finish() {
  const TraceStep* step = next();
  if (!difference_ && step != nullptr) difference_ = {at_ + 1, *step, std::nullopt};
}

bool ReplayedCard::reset(cps::Reset how) {
  const cps::Response response = replay_.answer(how);
  if (response.kind != cps::Response::Kind::answered) return false;
  atr_ = response.bytes;
  return true;
}

}  // namespace kpd

#include "kpd/trace/trace_recorder.h"

namespace kpd {

std::uint64_t TraceRecorder::now() const {
  const auto passed = std::chrono::steady_clock::now() - begin_;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
}

bool RecordedCard::reset(cps::Reset how) {
  TraceStep step;
  step.at = recorder_.now();
  step.request = how;
  const bool answers = card_.reset(how);
  step.took = recorder_.now() - step.at;
  step.response =
      answers ? cps::Response{cps::Response::Kind::answered, card_.atr(), ""}
              : cps::Response{cps::Response::Kind::lost, {}, "no card answers to the reset"};
  recorder_.add(std::move(step));
  return answers;
}

cps::Response RecordedCard::transmit(ByteView command, std::chrono::milliseconds deadline) {
  TraceStep step;
  step.at = recorder_.now();
  step.request = Bytes(command.begin(), command.end());
  cps::Response response = card_.transmit(command, deadline);
  step.took = recorder_.now() - step.at;
  step.response = response;
  recorder_.add(std::move(step));
  return response;
}

Bytes RecordedKeys::random(std::size_t count) {
  TraceStep step;
  step.at = recorder_.now();
  step.challenge = KeyServiceAround::random(count);
  Bytes challenge = step.challenge;
  recorder_.add(std::move(step));
  return challenge;
}

}  // namespace kpd

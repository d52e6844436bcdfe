#include "kpd/chip/t0_link.h"

namespace kpd::chip {
namespace {

constexpr std::size_t kHeader = 4;
constexpr std::uint8_t kTd1 = 0x80;  // of T0: TD1 follows, with the first protocol offered
constexpr std::uint8_t kGetResponse = 0xC0;

/// How many, 256 as 00.
Status counting(Status status, std::size_t count) {
  return static_cast<Status>(status | (count & 0xFF));
}

std::size_t asked(ByteView command) {
  const std::size_t p3 = command.size() > kHeader ? command[kHeader] : 0;
  return p3 == 0 ? 256 : p3;
}

}  // namespace

bool offers_only_t0(ByteView atr) {
  return atr.size() >= 2 && (atr[1] & kTd1) == 0;
}

Answer T0Link::transmit(ByteView command, const Work& work) {
  const bool with_data = command.size() > kHeader + 1;
  if (!with_data && command.size() >= kHeader && command[0] == 0x00 && command[1] == kGetResponse)
    return get_response(asked(command));
  waiting_.reset();
  if (!with_data) {
    Answer answer = work(command);
    if (answer.data.empty() || answer.data.size() == asked(command)) return answer;
    return counting(sw::other_length, answer.data.size());
  }
  const std::size_t end = kHeader + 1 + command[kHeader];
  Answer answer = work(command.size() == end + 1 ? command.first(end) : command);
  if (answer.data.empty()) return answer;
  waiting_ = std::move(answer);
  return counting(sw::more_waits, waiting_->data.size());
}

/// A part may be fetched; more than there is may not. The status comes with the last part.
Answer T0Link::get_response(std::size_t wanted) {
  if (!waiting_) return sw::conditions;
  if (wanted > waiting_->data.size()) return counting(sw::other_length, waiting_->data.size());
  if (wanted == waiting_->data.size()) return *std::exchange(waiting_, std::nullopt);
  const auto cut = waiting_->data.begin() + static_cast<std::ptrdiff_t>(wanted);
  Answer part(Bytes(waiting_->data.begin(), cut));
  waiting_->data.erase(waiting_->data.begin(), cut);
  part.status = counting(sw::more_waits, waiting_->data.size());
  return part;
}

}  // namespace kpd::chip

#include "kpd/remote/step_on_slot.h"

namespace kpd {
namespace {

using remote::StepAnswer;
using remote::StepRequest;
using std::chrono::milliseconds;

constexpr std::size_t kShortestCommand = 4;  // CLA INS P1 P2

StepAnswer::Kind kind_of(cps::Response::Kind kind) {
  switch (kind) {
    case cps::Response::Kind::answered:
      return StepAnswer::ANSWERED;
    case cps::Response::Kind::lost:
      return StepAnswer::LOST;
    case cps::Response::Kind::broken:
      break;
  }
  return StepAnswer::BROKEN;
}

void transmit(cps::Slot& slot, const remote::Transmit& action, StepAnswer& answer) {
  const cps::Response response =
      slot.transmit(emvcrypto::as_bytes(action.command()), milliseconds(action.milliseconds()));
  answer.set_kind(kind_of(response.kind));
  answer.set_response(emvcrypto::as_text(response.bytes).data(), response.bytes.size());
  answer.set_detail(told_text(response.detail));
}

bool card_comes(cps::Slot& slot, const StepRequest& request) {
  switch (request.action_case()) {
    case StepRequest::kWaitForCard:
      return slot.wait_for_card(milliseconds(request.wait_for_card().milliseconds()));
    case StepRequest::kReset:
      return slot.reset(request.reset().warm() ? cps::Reset::warm : cps::Reset::cold);
    default:
      return false;
  }
}

void move_card(cps::Slot& slot, const StepRequest& request, StepAnswer& answer) {
  const bool removal = request.has_wait_for_removal();
  const bool came =
      removal ? slot.wait_for_removal(milliseconds(request.wait_for_removal().milliseconds()))
              : card_comes(slot, request);
  answer.set_kind(came ? StepAnswer::YES : StepAnswer::NO);
  if (came && !removal) {
    const cps::Bytes atr = slot.atr();
    answer.set_atr(emvcrypto::as_text(atr).data(), atr.size());
  }
  if (!came) answer.set_detail(told_text(slot.last_error()));
}

}  // namespace

void check_step(const StepRequest& request) {
  const auto refuse_longer = [](std::uint32_t time, milliseconds limit) {
    if (milliseconds(time) > limit) throw BadStep("a time beyond the limit");
  };
  switch (request.action_case()) {
    case StepRequest::kWaitForCard:
      return refuse_longer(request.wait_for_card().milliseconds(), kLongestWait);
    case StepRequest::kWaitForRemoval:
      return refuse_longer(request.wait_for_removal().milliseconds(), kLongestWait);
    case StepRequest::kReset:
      return;
    case StepRequest::kTransmit: {
      const std::size_t size = request.transmit().command().size();
      if (size < kShortestCommand || size > kMostCommandBytes)
        throw BadStep("a command of " + std::to_string(size) + " bytes");
      return refuse_longer(request.transmit().milliseconds(), kLongestCommand);
    }
    case StepRequest::ACTION_NOT_SET:
      break;
  }
  throw BadStep("a step without an action that this host knows");
}

StepAnswer step_on_slot(cps::Slot& slot, const StepRequest& request) {
  StepAnswer answer;
  answer.set_number(request.number());
  try {
    if (request.has_transmit())
      transmit(slot, request.transmit(), answer);
    else
      move_card(slot, request, answer);
  } catch (const std::exception& error) {
    answer.set_kind(request.has_transmit() ? StepAnswer::BROKEN : StepAnswer::GONE);
    answer.set_detail(told_text(error.what()));
  }
  return answer;
}

bool fits(const StepAnswer& answer, const StepRequest& request) {
  if (answer.number() != request.number() || answer.atr().size() > kMostAtrBytes ||
      answer.detail().size() > kMostDetailBytes)
    return false;
  switch (answer.kind()) {
    case StepAnswer::ANSWERED:
      return request.has_transmit() && answer.response().size() <= kMostResponseBytes;
    case StepAnswer::LOST:
    case StepAnswer::BROKEN:
      return request.has_transmit() && answer.response().empty();
    case StepAnswer::YES:
    case StepAnswer::NO:
    case StepAnswer::GONE:
      return !request.has_transmit() && answer.response().empty();
    default:
      return false;
  }
}

std::string told_text(const std::string& text) {
  constexpr unsigned char kFirstPrintable = 0x20, kDelete = 0x7F;
  std::string told = text.substr(0, kMostDetailBytes);
  for (char& c : told) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < kFirstPrintable || byte >= kDelete) c = '?';
  }
  return told;
}

}  // namespace kpd

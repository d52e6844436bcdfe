#include "kpd/remote/remote_slot.h"

#include <fmt/format.h>

#include <optional>
#include <thread>

#include "emvcrypto/aead.h"
#include "kpd/remote/step_on_slot.h"

namespace kpd {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kGlance{2'000};         // a call's part of a long wait
constexpr milliseconds kSlowReader{35'000};    // a reader may need 30 s until a card answers or not
constexpr milliseconds kWayThere{5'000};       // a call's own time
constexpr milliseconds kBetweenAttempts{100};  // while the link is away
constexpr milliseconds kTakeAnew{2'000};       // for a reset after the lease was lost

milliseconds until(Clock::time_point end) {
  return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(end - Clock::now()));
}

cps::Bytes bytes_of(const std::string& text) {
  const cps::ByteView view = emvcrypto::as_bytes(text);
  return {view.begin(), view.end()};
}

std::uint32_t count(milliseconds time) {
  return static_cast<std::uint32_t>(time.count());
}

}  // namespace

RemoteSlot::RemoteSlot(std::shared_ptr<const HostAccess> access, std::string name,
                       std::string reader)
    : link_(std::move(access)),
      name_(std::move(name)),
      reader_(std::move(reader)),
      client_(emvcrypto::as_text(emvcrypto::system_random(kRemoteIdSize))) {
  take_reader(kWayThere);
}

RemoteSlot::~RemoteSlot() {
  if (!lease_.empty()) link_.release(lease_, kWayThere);
}

/// Asked again, the host ends the former lease of this client, so an answer that was lost does no
/// harm.
void RemoteSlot::take_reader(milliseconds patience) {
  const auto end = Clock::now() + patience;
  remote::AcquireRequest request;
  request.set_protocol(kStationProtocol);
  request.set_reader(reader_);
  request.set_client(client_);
  for (;;) {
    remote::Lease lease;
    const grpc::Status status = link_.acquire(request, lease, kWayThere + kWayThere);
    if (status.ok() && lease.id().size() == kRemoteIdSize) {
      held_ = true;
      lease_ = lease.id();
      instance_ = lease.instance();
      number_ = 0;
      atr_.clear();
      return;
    }
    if (status.ok()) throw cps::SlotGone("station " + name_ + ": the host gave no lease");
    if (!HostLink::broke(status) || Clock::now() >= end)
      throw cps::SlotGone(link_.describe_failure(status));
    std::this_thread::sleep_for(kBetweenAttempts);
  }
}

/// The patience counts from the moment when the link broke; what the card needs comes on top.
RemoteSlot::End RemoteSlot::step(remote::StepRequest& request, milliseconds own_time) {
  request.set_lease(lease_);
  request.set_number(++number_);
  std::optional<Clock::time_point> broke_at;
  for (;;) {
    End result;
    const grpc::Status status = link_.step(request, result.answer, own_time + kWayThere);
    if (status.ok())
      return fits(result.answer, request) ? result : give_up(name_ + ": its host answers nonsense");
    if (!HostLink::broke(status)) return refused(status, broke_at.has_value());
    if (!broke_at) broke_at = Clock::now();
    if (Clock::now() - *broke_at >= link_.station().patience)
      return give_up(link_.describe_failure(status));
    std::this_thread::sleep_for(kBetweenAttempts);
  }
}

/// What the host counts under this lease and what we count may differ from now on.
RemoteSlot::End RemoteSlot::give_up(const std::string& why) {
  held_ = false;
  return {End::Kind::link_lost, {}, why};
}

RemoteSlot::End RemoteSlot::refused(const grpc::Status& status, bool asked_before) {
  if (status.error_code() != grpc::StatusCode::NOT_FOUND)
    return give_up(link_.describe_failure(status));
  held_ = false;
  return {End::Kind::lease_lost,
          {},
          why_lost(status) + (asked_before ? "; whether the command was executed is unknown"
                                           : "; the command was not executed")};
}

std::string RemoteSlot::why_lost(const grpc::Status& status) {
  remote::Description host;
  const bool restarted =
      link_.describe(host, kWayThere).ok() && !instance_.empty() && host.instance() != instance_;
  return restarted ? "station " + link_.station().address + " was started anew"
                   : link_.describe_failure(status);
}

bool RemoteSlot::came(const remote::StepAnswer& answer) {
  if (answer.kind() == remote::StepAnswer::GONE)
    throw cps::SlotGone(name_ + ": " + told_text(answer.detail()));
  const bool yes = answer.kind() == remote::StepAnswer::YES;
  if (yes && !answer.atr().empty()) atr_ = bytes_of(answer.atr());
  if (!yes) last_error_ = told_text(answer.detail());
  return yes;
}

bool RemoteSlot::wait(milliseconds timeout, const Fill& fill) {
  const auto end = Clock::now() + timeout;
  do {
    if (!held_) take_reader(link_.station().patience);
    const milliseconds part = std::min(kGlance, until(end));
    remote::StepRequest request;
    fill(request, part);
    const End result = step(request, part + kSlowReader);
    if (result.kind == End::Kind::link_lost) throw cps::SlotGone(result.detail);
    if (result.kind == End::Kind::answer && came(result.answer)) return true;
  } while (Clock::now() < end);
  return false;
}

bool RemoteSlot::wait_for_card(milliseconds timeout) {
  return wait(timeout, [](remote::StepRequest& request, milliseconds part) {
    request.mutable_wait_for_card()->set_milliseconds(count(part));
  });
}

bool RemoteSlot::wait_for_removal(milliseconds timeout) {
  return wait(timeout, [](remote::StepRequest& request, milliseconds part) {
    request.mutable_wait_for_removal()->set_milliseconds(count(part));
  });
}

bool RemoteSlot::reset(cps::Reset how) {
  try {
    if (!held_) {
      if (how == cps::Reset::warm) return false;
      take_reader(kTakeAnew);
      return wait_for_card(kTakeAnew);
    }
    remote::StepRequest request;
    request.mutable_reset()->set_warm(how == cps::Reset::warm);
    const End result = step(request, kSlowReader);
    if (result.kind == End::Kind::answer) return came(result.answer);
    last_error_ = result.detail;
  } catch (const cps::SlotGone& gone) {
    last_error_ = gone.what();
  }
  return false;
}

cps::Response RemoteSlot::transmit(cps::ByteView command, milliseconds deadline) {
  using Kind = cps::Response::Kind;
  if (!held_) return {Kind::lost, {}, name_ + " is not held: no card was there yet"};
  const milliseconds card_time = std::clamp(deadline, milliseconds(1), kLongestCommand);
  remote::StepRequest request;
  request.mutable_transmit()->set_command(emvcrypto::as_text(command).data(), command.size());
  request.mutable_transmit()->set_milliseconds(count(card_time));
  const End result = step(request, card_time);
  if (result.kind == End::Kind::lease_lost) return {Kind::lost, {}, result.detail};
  if (result.kind == End::Kind::link_lost) return {Kind::broken, {}, result.detail};
  switch (result.answer.kind()) {
    case remote::StepAnswer::ANSWERED:
      return {Kind::answered, bytes_of(result.answer.response()), ""};
    case remote::StepAnswer::LOST:
      return {Kind::lost, {}, told_text(result.answer.detail())};
    default:
      return {Kind::broken, {}, told_text(result.answer.detail())};
  }
}

}  // namespace kpd

/// A reader of another host, used as one of this machine.
#pragma once

#include <functional>

#include "cps/slot.h"
#include "kpd/remote/host_link.h"

namespace kpd {

/// Holds its reader from construction on. Steps are numbered, so that a link which breaks and comes
/// back within the station's patience costs nothing and nothing is executed twice. What outlasts
/// it:
/// - the link stays away: transmit gives `broken`, the waits throw SlotGone;
/// - the host was started anew or gave the reader away: transmit gives `lost`, and the detail says
///   whether the command may have been executed. The next wait_for_card, or cold reset, takes the
///   reader anew; its card is then as after power off and on.
class RemoteSlot final : public cps::Slot {
 public:
  /// `name` is for people, `reader` the host's own name. Throws SlotGone when the host cannot be
  /// reached or the reader is held by another client.
  RemoteSlot(std::shared_ptr<const HostAccess> access, std::string name, std::string reader);
  ~RemoteSlot() override;
  RemoteSlot(const RemoteSlot&) = delete;
  RemoteSlot& operator=(const RemoteSlot&) = delete;

  const std::string& name() const override { return name_; }
  bool wait_for_card(std::chrono::milliseconds timeout) override;
  bool wait_for_removal(std::chrono::milliseconds timeout) override;
  const std::string& last_error() const override { return last_error_; }
  cps::Bytes atr() const override { return atr_; }
  bool reset(cps::Reset how) override;
  cps::Response transmit(cps::ByteView command, std::chrono::milliseconds deadline) override;

 private:
  /// How a step ended: with an answer, or without.
  struct End {
    enum class Kind { answer, lease_lost, link_lost };
    Kind kind = Kind::answer;
    remote::StepAnswer answer;
    std::string detail;
  };
  using Fill = std::function<void(remote::StepRequest&, std::chrono::milliseconds)>;

  void take_reader(std::chrono::milliseconds patience);
  End step(remote::StepRequest& request, std::chrono::milliseconds own_time);
  End refused(const grpc::Status& status, bool asked_before);
  End give_up(const std::string& why);
  std::string why_lost(const grpc::Status& status);
  bool wait(std::chrono::milliseconds timeout, const Fill& fill);
  bool came(const remote::StepAnswer& answer);

  HostLink link_;
  std::string name_, reader_;
  std::string client_;  ///< who this object is to the host
  bool held_ = false;
  std::string lease_;     ///< the last one
  std::string instance_;  ///< the host's, when the lease was given
  std::uint64_t number_ = 0;
  cps::Bytes atr_;
  std::string last_error_;
};

}  // namespace kpd

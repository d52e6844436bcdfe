/// The way to a station host: one connection, made again when it breaks.
#pragma once

#include <grpcpp/grpcpp.h>

#include "kpd/remote/station.grpc.pb.h"
#include "kpd/remote/station_address.h"

namespace kpd {

/// What all slots of one host share.
struct HostAccess {
  StationAddress station;
  std::shared_ptr<grpc::ChannelCredentials> credentials;

  /// Reads the TLS files. Throws Failure(hold).
  static std::shared_ptr<const HostAccess> read(const StationAddress& station);
};

/// Calls of station.proto with a deadline each. A call that fails is not repeated here.
class HostLink {
 public:
  explicit HostLink(std::shared_ptr<const HostAccess> access);

  const StationAddress& station() const { return access_->station; }
  grpc::Status describe(remote::Description& answer, std::chrono::milliseconds deadline);
  grpc::Status acquire(const remote::AcquireRequest& request, remote::Lease& answer,
                       std::chrono::milliseconds deadline);
  grpc::Status step(const remote::StepRequest& request, remote::StepAnswer& answer,
                    std::chrono::milliseconds deadline);
  void release(const std::string& lease, std::chrono::milliseconds deadline);

  /// Whether the link failed, rather than that the host refused: the call may have been served.
  static bool broke(const grpc::Status& status);

  /// "station HOST:PORT: what happened".
  std::string describe_failure(const grpc::Status& status) const;

 private:
  std::shared_ptr<const HostAccess> access_;
  std::unique_ptr<remote::Station::Stub> stub_;
};

}  // namespace kpd

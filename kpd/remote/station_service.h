/// The calls of station.proto, answered from a lease book.
#pragma once

#include "kpd/remote/lease_book.h"
#include "kpd/remote/station.grpc.pb.h"

namespace kpd {

class StationService final : public remote::Station::Service {
 public:
  explicit StationService(LeaseBook::Options options);

  grpc::Status Describe(grpc::ServerContext* context, const remote::DescribeRequest* request,
                        remote::Description* answer) override;
  /// FAILED_PRECONDITION when the reader is not given, with who holds it.
  grpc::Status Acquire(grpc::ServerContext* context, const remote::AcquireRequest* request,
                       remote::Lease* answer) override;
  /// NOT_FOUND for a lease that is none (any more), FAILED_PRECONDITION for a wrong number,
  /// INVALID_ARGUMENT for what is out of bounds.
  grpc::Status Step(grpc::ServerContext* context, const remote::StepRequest* request,
                    remote::StepAnswer* answer) override;
  grpc::Status Release(grpc::ServerContext* context, const remote::ReleaseRequest* request,
                       remote::ReleaseAnswer* answer) override;

 private:
  const std::string instance_;
  std::function<void(const std::string&)> event_;
  LeaseBook leases_;
};

}  // namespace kpd

#include "kpd/remote/station_service.h"

#include <fmt/format.h>

#include "emvcrypto/aead.h"
#include "kpd/remote/step_on_slot.h"

namespace kpd {
namespace {

/// Who calls: the name in the client's certificate and the address.
std::string name_of(const grpc::ServerContext& context) {
  const std::string peer = context.peer();
  if (peer.starts_with("unix:")) return "a program of this machine";
  std::string name = "?";
  if (const auto identity = context.auth_context())
    for (const grpc::string_ref& common_name : identity->FindPropertyValues("x509_common_name"))
      name.assign(common_name.data(), common_name.size());
  return told_text(fmt::format("{} ({})", name, peer));
}

}  // namespace

StationService::StationService(LeaseBook::Options options)
    : instance_(emvcrypto::as_text(emvcrypto::system_random(kRemoteIdSize))),
      event_(options.event),
      leases_(std::move(options)) {}

grpc::Status StationService::Describe(grpc::ServerContext* context, const remote::DescribeRequest*,
                                      remote::Description* answer) {
  answer->set_protocol(kStationProtocol);
  answer->set_instance(instance_);
  for (const SlotPlace& place : leases_.places()) answer->add_readers(place.name);
  if (event_) event_("readers asked for by " + name_of(*context));
  return grpc::Status::OK;
}

grpc::Status StationService::Acquire(grpc::ServerContext* context,
                                     const remote::AcquireRequest* request, remote::Lease* answer) {
  if (request->protocol() != kStationProtocol)
    return {grpc::StatusCode::FAILED_PRECONDITION,
            fmt::format("this host speaks version {} of the protocol", kStationProtocol)};
  if (request->client().size() != kRemoteIdSize || request->reader().size() > kMostReaderName)
    return {grpc::StatusCode::INVALID_ARGUMENT, "a client or reader out of bounds"};
  try {
    answer->set_id(leases_.acquire(request->reader(), request->client(), name_of(*context)));
    answer->set_instance(instance_);
    return grpc::Status::OK;
  } catch (const LeaseRefused& error) {
    return {grpc::StatusCode::FAILED_PRECONDITION, error.what()};
  }
}

grpc::Status StationService::Step(grpc::ServerContext*, const remote::StepRequest* request,
                                  remote::StepAnswer* answer) {
  try {
    *answer = leases_.step(*request);
    return grpc::Status::OK;
  } catch (const LeaseEnded& error) {
    return {grpc::StatusCode::NOT_FOUND, error.what()};
  } catch (const WrongStep& error) {
    return {grpc::StatusCode::FAILED_PRECONDITION, error.what()};
  } catch (const BadStep& error) {
    return {grpc::StatusCode::INVALID_ARGUMENT, error.what()};
  }
}

grpc::Status StationService::Release(grpc::ServerContext*, const remote::ReleaseRequest* request,
                                     remote::ReleaseAnswer*) {
  leases_.release(request->lease());
  return grpc::Status::OK;
}

}  // namespace kpd

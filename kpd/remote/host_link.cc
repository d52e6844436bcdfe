#include "kpd/remote/host_link.h"

#include "kpd/remote/grpc_setup.h"
#include "kpd/remote/step_on_slot.h"
#include "kpd/remote/tls_files.h"

namespace kpd {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstPause{100}, kLongestPause{1'000};  // between attempts to connect
constexpr milliseconds kConnectPatience{5'000};
/// A silent link is asked after 10 s whether it lives, and is dead 5 s later.
constexpr milliseconds kPingInterval{10'000}, kPingPatience{5'000};

bool is_local(const StationAddress& station) {
  return station.address.starts_with("unix:");
}

/// An address is never read as a URI of another scheme.
std::string target_of(const StationAddress& station) {
  return is_local(station) ? station.address : "dns:///" + station.address;
}

grpc::ChannelArguments arguments() {
  grpc::ChannelArguments args;
  const auto set = [&args](const char* name, milliseconds time) {
    args.SetInt(name, static_cast<int>(time.count()));
  };
  set(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstPause);
  set(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestPause);
  set(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectPatience);
  set(GRPC_ARG_KEEPALIVE_TIME_MS, kPingInterval);
  set(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingPatience);
  args.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // a card may think for long
  args.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  args.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection for each slot
  args.SetMaxReceiveMessageSize(kMostMessageBytes);
  return args;
}

void set_deadline(grpc::ClientContext& context, milliseconds deadline) {
  context.set_deadline(std::chrono::system_clock::now() + deadline);
}

}  // namespace

std::shared_ptr<const HostAccess> HostAccess::read(const StationAddress& station) {
  set_up_grpc();
  auto access = std::make_shared<HostAccess>();
  access->station = station;
  if (is_local(station)) {
    access->credentials = grpc::experimental::LocalCredentials(UDS);
    return access;
  }
  const TlsFiles tls = read_tls_files(station.tls, TlsSide::client);
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = tls.authority;
  options.pem_private_key = tls.key;
  options.pem_cert_chain = tls.certificate;
  access->credentials = grpc::SslCredentials(options);
  return access;
}

HostLink::HostLink(std::shared_ptr<const HostAccess> access)
    : access_(std::move(access)),
      stub_(remote::Station::NewStub(grpc::CreateCustomChannel(
          target_of(access_->station), access_->credentials, arguments()))) {}

grpc::Status HostLink::describe(remote::Description& answer, milliseconds deadline) {
  grpc::ClientContext context;
  set_deadline(context, deadline);
  return stub_->Describe(&context, {}, &answer);
}

grpc::Status HostLink::acquire(const remote::AcquireRequest& request, remote::Lease& answer,
                               milliseconds deadline) {
  grpc::ClientContext context;
  set_deadline(context, deadline);
  return stub_->Acquire(&context, request, &answer);
}

grpc::Status HostLink::step(const remote::StepRequest& request, remote::StepAnswer& answer,
                            milliseconds deadline) {
  grpc::ClientContext context;
  set_deadline(context, deadline);
  return stub_->Step(&context, request, &answer);
}

void HostLink::release(const std::string& lease, milliseconds deadline) {
  grpc::ClientContext context;
  set_deadline(context, deadline);
  remote::ReleaseRequest request;
  request.set_lease(lease);
  remote::ReleaseAnswer answer;
  stub_->Release(&context, request, &answer);
}

bool HostLink::broke(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:  // the host is being stopped
    case grpc::StatusCode::UNKNOWN:    // the stream was removed
    case grpc::StatusCode::INTERNAL:   // the stream was reset
      return true;
    default:
      return false;
  }
}

std::string HostLink::describe_failure(const grpc::Status& status) const {
  const bool late = status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED;
  return "station " + station().address + ": " +
         (late ? "no answer in time" : told_text(status.error_message()));
}

}  // namespace kpd

#include "kpd/remote/station_host.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "kpd/exit_code.h"
#include "kpd/remote/grpc_setup.h"
#include "kpd/remote/station_service.h"
#include "kpd/remote/step_on_slot.h"

namespace kpd {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHandshakePatience{10'000};
constexpr milliseconds kFarewell{500};
/// Clients ask after a silent link this often at most; then a dead one is noticed.
constexpr milliseconds kPingInterval{5'000};
constexpr milliseconds kPingPatience{10'000};
constexpr int kThreadsPerReader = 4;
constexpr int kSpareThreads = 32;

int count(milliseconds time) {
  return static_cast<int>(time.count());
}

void check_folder_of(const std::filesystem::path& socket) {
  if (socket.string().size() >= sizeof(sockaddr_un::sun_path))
    throw Failure(ExitCode::hold, socket.string() + ": too long a path for a socket");
  const auto folder = std::filesystem::absolute(socket).parent_path();
  struct stat facts {};
  if (::lstat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode))
    throw Failure(ExitCode::hold, folder.string() + ": no such folder");
  if (facts.st_uid != ::geteuid() || (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw Failure(ExitCode::hold, folder.string() +
                                      ": the folder of a station's socket must be yours and closed "
                                      "to others (chmod 700)");
}

std::shared_ptr<grpc::ServerCredentials> tls_credentials(const TlsFiles& tls) {
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls.authority;
  options.pem_key_cert_pairs.push_back({tls.key, tls.certificate});
  return grpc::SslServerCredentials(options);
}

}  // namespace

struct StationHost::State {
  StationService service;
  std::unique_ptr<grpc::Server> server;
  int port = 0;

  explicit State(LeaseBook::Options options) : service(std::move(options)) { set_up_grpc(); }

  void listen(const std::string& address, std::size_t readers,
              const std::shared_ptr<grpc::ServerCredentials>& credentials) {
    grpc::ResourceQuota quota;
    quota.SetMaxThreads(kSpareThreads + kThreadsPerReader * static_cast<int>(readers));
    grpc::ServerBuilder builder;
    builder.SetResourceQuota(quota);
    builder.SetMaxReceiveMessageSize(kMostMessageBytes);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, count(kHandshakePatience));
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                               count(kPingInterval));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, count(kPingPatience));
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, count(kPingPatience));
    builder.AddListeningPort(address, credentials, &port);
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
    if (!server || port == 0)
      throw Failure(ExitCode::io, address +
                                      ": cannot listen there (is it taken, or another host's; "
                                      "do certificate and key belong together?)");
  }
};

StationHost::StationHost(LeaseBook::Options options, const std::string& address,
                         const TlsFiles& tls) {
  const std::size_t readers = options.places.size();
  state_ = std::make_unique<State>(std::move(options));
  state_->listen(address, readers, tls_credentials(tls));
  address_ = address.substr(0, address.rfind(':') + 1) + std::to_string(state_->port);
}

StationHost::StationHost(LeaseBook::Options options, const std::filesystem::path& socket)
    : address_(socket.string()) {
  check_folder_of(socket);
  const std::size_t readers = options.places.size();
  state_ = std::make_unique<State>(std::move(options));
  state_->listen("unix:" + std::filesystem::absolute(socket).string(), readers,
                 grpc::experimental::LocalServerCredentials(UDS));
}

StationHost::~StationHost() {
  if (!state_->server) return;
  state_->server->Shutdown(std::chrono::system_clock::now() + kFarewell);
  state_->server->Wait();
}

}  // namespace kpd

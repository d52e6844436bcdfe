/// gRPC as this process uses it.
#pragma once

#include <functional>
#include <string>

namespace kpd {

/// To be called before anything else of gRPC's; for the whole process. Nothing of what gRPC would
/// log is written, so that no tracing switch in the environment can put an APDU into a log; its
/// errors (a handshake that failed) go to `errors`, one line each, if there is one. Names of hosts
/// are the system's, unless GRPC_DNS_RESOLVER says otherwise.
void set_up_grpc(std::function<void(const std::string&)> errors = nullptr);

}  // namespace kpd

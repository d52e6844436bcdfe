/// What gRPC itself would write to standard error.
#pragma once

#include <functional>
#include <string>

namespace kpd {

/// From now on nothing of it is written, so that no tracing switch in the environment can put an
/// APDU into a log; its errors (a handshake that failed) go to `errors`, one line each, if there is
/// one. For the whole process.
void keep_grpc_quiet(std::function<void(const std::string&)> errors = nullptr);

}  // namespace kpd

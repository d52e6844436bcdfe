#include "kpd/remote/grpc_setup.h"

#include <grpc/support/log.h>

#include <cstdlib>
#include <mutex>

#include "kpd/remote/step_on_slot.h"

namespace kpd {
namespace {

std::mutex mutex;

std::function<void(const std::string&)>& sink() {
  static std::function<void(const std::string&)> function;
  return function;
}

void take(gpr_log_func_args* line) {
  if (line->severity != GPR_LOG_SEVERITY_ERROR) return;
  const std::lock_guard lock(mutex);
  if (sink()) sink()(told_text(line->message));
}

}  // namespace

void set_up_grpc(std::function<void(const std::string&)> errors) {
  const std::lock_guard lock(mutex);
  static const bool native = ::setenv("GRPC_DNS_RESOLVER", "native", 0) == 0;
  static_cast<void>(native);
  if (errors) sink() = std::move(errors);
  gpr_set_log_function(take);
}

}  // namespace kpd

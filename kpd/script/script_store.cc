// channel.store: which STORE DATA commands a script's request makes.
#include <algorithm>

#include "kpd/script/script_driver.h"

namespace kpd {
namespace {

/// Where a DGI stands: before the others (by its place in `first`), among them, or behind.
std::size_t rank(cps::DgiId id, const StoreRequest& request) {
  if (const auto at = std::ranges::find(request.first, id); at != request.first.end())
    return static_cast<std::size_t>(at - request.first.begin());
  const std::size_t middle = request.first.size();
  const auto at = std::ranges::find(request.last, id);
  if (at == request.last.end()) return middle;
  return middle + 1 + static_cast<std::size_t>(at - request.last.begin());
}

}  // namespace

emvcrypto::Expected<StorePlan> plan_request(const StoreRequest& request, const cps::Record& record,
                                            cps::CardProfile profile, std::size_t block) {
  StorePlan plan{record.applications.at(request.application), {}};
  std::ranges::stable_sort(plan.application.dgis, {},
                           [&](const cps::Dgi& dgi) { return rank(dgi.id, request); });
  profile.one_dgi_per_command = profile.one_dgi_per_command || request.one_dgi;
  auto commands = cps::plan_store_data(plan.application, profile, block);
  if (!commands) return tl::unexpected(commands.error());
  plan.commands = *std::move(commands);
  return plan;
}

std::string name_of(const SendRequest& request) {
  if (!request.name.empty()) return request.name;
  return "command " + emvcrypto::to_hex(request.command.header());
}

}  // namespace kpd

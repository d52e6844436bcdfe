#include <algorithm>

#include "cps/loader.h"

namespace cps {
namespace {

bool holds_secrets(const Application& application) {
  const auto has_enciphered = [](const Step& step) {
    return !step.instructions.enciphered.empty();
  };
  return !application.transport_keys.empty() ||
         std::any_of(application.steps.begin(), application.steps.end(), has_enciphered);
}

LoadResult mac_failure(LoadOutcome outcome, const Application& application, const char* detail) {
  LoadResult result;
  result.outcome = outcome;
  result.aid = application.aid;
  result.detail = detail;
  return result;
}

}  // namespace

std::optional<LoadResult> check_macs(const Record& record, const LoadOptions& options,
                                     KeyService& keys) {
  const auto& applications = record.applications;
  const bool any_secret = std::any_of(applications.begin(), applications.end(), holds_secrets);
  for (std::size_t i = 0; i < applications.size(); ++i) {
    const Application& application = applications[i];
    const bool needs_mac =
        holds_secrets(application) || (any_secret && i + 1 == applications.size());
    if (application.mac.empty()) {
      if (options.require_mac && needs_mac)
        return mac_failure(LoadOutcome::mac_missing, application,
                           "a record that holds secrets must be covered by MACs");
      continue;
    }
    if (!keys.mac_is_right(application.mac_key, mac_input(record, i, options.layout),
                           application.mac))
      return mac_failure(LoadOutcome::mac_wrong, application,
                         "the MAC does not fit the record: altered, or made for other keys");
  }
  return std::nullopt;
}

}  // namespace cps

#include "cps/loader.h"

namespace cps {
namespace {

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
  for (std::size_t i = 0; i < applications.size(); ++i) {
    const Application& application = applications[i];
    if (application.mac.empty()) {
      if (options.require_mac)
        return mac_failure(LoadOutcome::mac_missing, application,
                           "every application of a record must carry a MAC");
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

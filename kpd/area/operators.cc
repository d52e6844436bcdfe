#include "kpd/area/operators.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>

#include "kpd/exit_code.h"

namespace kpd {

std::string user_name() {
  const uid_t id = geteuid();
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return std::to_string(id);
}

Actor current_actor() {
  return {geteuid(), user_name(),
          [] { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }};
}

void require_operator(const std::filesystem::path& job_file, const Plan& plan) {
  if (plan.operators.empty()) return;
  const std::string user = user_name();
  if (std::find(plan.operators.begin(), plan.operators.end(), user) != plan.operators.end()) return;
  throw Failure(ExitCode::hold, fmt::format("{}: user '{}' is not among the 'operators' of this "
                                            "job: have one of them run it",
                                            job_file.string(), user));
}

}  // namespace kpd

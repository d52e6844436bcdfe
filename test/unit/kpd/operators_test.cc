// Who may run a job.
#include "kpd/area/operators.h"

#include <pwd.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "kpd/exit_code.h"

TEST_CASE("a job that names its operators runs for them alone") {
  kpd::Plan plan;
  CHECK_NOTHROW(kpd::require_operator("job.yaml", plan));

  plan.operators = {"somebody-else"};
  try {
    kpd::require_operator("job.yaml", plan);
    FAIL_CHECK("anybody may run it");
  } catch (const kpd::Failure& failure) {
    CHECK(failure.code() == kpd::ExitCode::hold);
    CHECK_THAT(failure.what(), Catch::StartsWith("job.yaml: user '"));
  }

  const passwd* entry = getpwuid(geteuid());
  plan.operators.push_back(entry != nullptr ? entry->pw_name : std::to_string(geteuid()));
  CHECK_NOTHROW(kpd::require_operator("job.yaml", plan));
}

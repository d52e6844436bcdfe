#include "kpd/keys/host_window.h"

#include <catch2/catch.hpp>

#include "kpd/config/window_policy.h"
#include "kpd/exit_code.h"

using kpd::HostWindows;
using kpd::Window;
using kpd::WindowPolicy;
using Lines = std::vector<std::string>;

namespace {

WindowPolicy policy(const std::string& yaml) {
  return kpd::read_window_policy(
      kpd::parse_yaml("kind: job\nhost_window: " + yaml + "\n", "job.yaml", "job")
          .need("host_window"));
}

/// Which windows are allowed, a letter each.
std::string allowed(const WindowPolicy& policy) {
  return std::string(policy.card_keys ? "c" : "") + (policy.pins ? "p" : "") +
         (policy.icc_keys ? "i" : "") + (policy.record_mac ? "m" : "");
}

}  // namespace

TEST_CASE("a refused window stays shut: it throws and nothing is counted") {
  HostWindows windows(WindowPolicy{.card_keys = true});
  for (Window window : {Window::pins, Window::icc_keys, Window::record_mac}) {
    try {
      windows.open(window, 1);
      FAIL("the window opened");
    } catch (const kpd::Failure& failure) {
      CHECK(failure.code() == kpd::ExitCode::hold);
      CHECK_THAT(failure.what(), Catch::Contains("policy.host_window."));
    }
    CHECK(windows.count(window) == 0);
  }
  CHECK_THROWS_WITH(windows.open(Window::pins, 1), Catch::Contains("policy.host_window.pins"));
  CHECK(windows.report().empty());
}

TEST_CASE("what passes through windows is counted and reported, a line each") {
  HostWindows windows({true, true, true, true});
  CHECK(windows.report().empty());
  windows.open(Window::pins, 3);
  windows.open(Window::card_keys, 100);
  windows.open(Window::pins, 4);
  windows.open(Window::icc_keys, 0);
  CHECK(windows.count(Window::pins) == 7);
  CHECK(windows.report() ==
        Lines{"card_keys: 100 through host memory", "pins: 7 through host memory"});
}

TEST_CASE("the counts of several stations make one report") {
  HostWindows all({}), one({true, true, true, true}), two({true, true, true, true});
  one.open(Window::pins, 1);
  two.open(Window::pins, 2);
  two.open(Window::record_mac, 5);
  all.add(one);
  all.add(two);
  CHECK(all.report() == Lines{"pins: 3 through host memory", "record_mac: 5 through host memory"});
}

TEST_CASE("what a policy does not name is refused") {
  CHECK(allowed(policy("allow")) == "cpim");
  CHECK(allowed(policy("refuse")).empty());
  CHECK(allowed(policy("{}")).empty());
  CHECK(allowed(policy("{pins: allow, icc_keys: refuse}")) == "p");
  CHECK(allowed(policy("{card_keys: allow, record_mac: allow}")) == "cm");
  CHECK(allowed(WindowPolicy{}).empty());
  CHECK_THROWS_AS(policy("yes"), kpd::ConfigError);
  CHECK_THROWS_AS(policy("{pin: allow}"), kpd::ConfigError);
  CHECK_THROWS_AS(policy("{pins: true}"), kpd::ConfigError);
}

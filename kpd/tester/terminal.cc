#include "kpd/tester/terminal.h"

#include <algorithm>
#include <stdexcept>

#include "kpd/tester/checks.h"
#include "kpd/tester/compare.h"
#include "kpd/tester/oda.h"
#include "kpd/tester/pin.h"
#include "kpd/tester/plain_application.h"
#include "kpd/tester/reading.h"
#include "kpd/tester/selection.h"
#include "kpd/tester/transaction.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;

/// Everything that one application goes through. False when there is nothing to go on with.
cps::Dialogue<bool> walk_through(ApplicationVisit& app) {
  using Step = cps::Dialogue<bool> (*)(ApplicationVisit&);
  constexpr Step kReading[] = {select_application, get_processing_options, read_records,
                               compare_with_prepared};
  for (const Step step : kReading) {
    auto doing = step(app);
    const bool go_on = co_await doing;
    if (!go_on) co_return false;
  }
  check_data(app);
  verify_certificates(app);
  constexpr Step kProving[] = {authenticate_dynamically, verify_pin, run_transaction};
  for (const Step step : kProving) {
    auto doing = step(app);
    const bool go_on = co_await doing;
    if (!go_on) co_return false;
  }
  co_return true;
}

bool listed(const std::vector<Bytes>& aids, const Bytes& aid) {
  return std::find(aids.begin(), aids.end(), aid) != aids.end();
}

/// The applications to test: as asked for, else as prepared, else as the PSE lists them.
std::vector<ApplicationUnderTest> applications_of(const TestRequest& request,
                                                  const std::vector<Bytes>& directory) {
  if (!request.applications.empty()) return request.applications;
  std::vector<ApplicationUnderTest> applications;
  if (request.prepared) {
    for (const auto& prepared : request.prepared->applications)
      if (!is_directory_name(prepared.aid) && !listed(request.plain, prepared.aid))
        applications.push_back({prepared.aid, nullptr, {}});
  } else {
    for (const Bytes& aid : directory) applications.push_back({aid, nullptr, {}});
  }
  return applications;
}

/// What the PSE lists and what is tested must be the same.
void check_directory_entries(Visit& visit, const std::vector<ApplicationUnderTest>& applications,
                             const std::vector<Bytes>& directory) {
  if (directory.empty()) return;
  for (const auto& application : applications)
    if (!listed(directory, application.aid))
      visit.find("select.pse-entry", "the directory does not list it",
                 emvcrypto::to_hex(application.aid));
}

/// Those that do not pay, one after the other.
cps::Dialogue<bool> read_plain_applications(Visit& visit) {
  for (const Bytes& aid : visit.request.plain) {
    if (visit.gone) co_return false;
    ApplicationVisit app(visit, {aid, nullptr, {}});
    auto reading = read_plain_application(app);
    co_await reading;
    visit.report.applications.push_back(std::move(app.report));
  }
  co_return true;
}

/// Whether what the PSE lists beyond the tested applications can be selected.
cps::Dialogue<bool> select_others(Visit& visit, std::vector<ApplicationUnderTest> tested,
                                  std::vector<Bytes> directory) {
  for (const Bytes& aid : directory) {
    const bool was_tested = std::any_of(tested.begin(), tested.end(),
                                        [&aid](const auto& app) { return app.aid == aid; });
    if (was_tested || listed(visit.request.plain, aid)) continue;
    ApplicationVisit other(visit, {aid, nullptr, {}});
    auto selecting = select_application(other);
    const bool there = co_await selecting;
    if (visit.gone) co_return false;
    if (!there)
      visit.find("select.pse-entry", "the directory lists it, and it cannot be selected",
                 emvcrypto::to_hex(aid));
  }
  co_return true;
}

cps::Dialogue<bool> check_other_directories(Visit& visit) {
  if (!visit.request.prepared) co_return true;
  for (const auto& prepared : visit.request.prepared->applications) {
    if (!is_directory_name(prepared.aid) || is_pse_name(prepared.aid)) continue;
    auto checking = check_directory(visit, prepared);
    co_await checking;
  }
  co_return !visit.gone;
}

}  // namespace

cps::Dialogue<CardReport> test_card(TestRequest request) {
  if (!request.ports.random) throw std::invalid_argument("a terminal needs unpredictable numbers");
  Visit visit{request};
  visit.report.atr = request.atr;
  auto reading = read_pse(visit);
  const std::vector<Bytes> directory = co_await reading;
  const auto applications = applications_of(request, directory);
  if (applications.empty() && request.plain.empty())
    visit.find("select.aid", "there is no application to test: no AID given, prepared or listed");
  check_directory_entries(visit, applications, directory);
  for (const auto& application : applications) {
    if (visit.gone) break;
    ApplicationVisit app(visit, application);
    auto walking = walk_through(app);
    co_await walking;
    visit.report.applications.push_back(std::move(app.report));
  }
  auto plain = read_plain_applications(visit);
  co_await plain;
  auto others = select_others(visit, applications, directory);
  co_await others;
  auto directories = check_other_directories(visit);
  co_await directories;
  co_return std::move(visit.report);
}

}  // namespace kpd::tester

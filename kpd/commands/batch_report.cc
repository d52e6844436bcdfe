#include "kpd/commands/batch_report.h"

#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/calendar.h"
#include "kpd/certificates/job_certificates.h"
#include "kpd/commands/cert_options.h"
#include "kpd/commands/stop_signal.h"
#include "kpd/parallel/workers.h"
#include "kpd/pool/icc_key_sources.h"
#include "kpd/stages/reject_file.h"

namespace kpd {
namespace {

/// A job's date decides which keys and certificates may still be used.
constexpr int kFarthestDay = 7;

void check_date(const std::filesystem::path& job_file, const Plan& plan) {
  const emvcrypto::Date today = AreaOptions{}.today();
  if (plan.test || std::abs(days_between(today, plan.date)) <= kFarthestDay) return;
  throw Failure(ExitCode::hold,
                fmt::format("{}: its 'date' is {}, today is {}: a production job's date is at most "
                            "{} days from the clock; write the day of the run",
                            job_file.string(), plan.date.iso(), today.iso(), kFarthestDay));
}

}  // namespace

OpenJob open_batch(const std::filesystem::path& job_file, const Invocation& invocation) {
  OpenJob job = open_job(job_file, invocation);
  check_date(job_file, job.plan);
  claim_serials(job.area.folder(), job.plan);
  return job;
}

void add_workers_option(CLI::App& command, unsigned& workers) {
  command
      .add_option("--workers", workers,
                  "Chunks of cards in work at a time (default: the device's own number, or the "
                  "processors)")
      ->check(CLI::Range(1U, kMostWorkers));
}

unsigned workers_of(const OpenJob& job, unsigned said) {
  if (said > 0) return said;
  const unsigned device = job.area.device().workers;
  return device > 0 ? device : usual_workers();
}

StageContext stage_context(const OpenJob& job, HostWindows& windows, Journal& journal,
                           unsigned workers) {
  StageContext context{job.plan, job.token, windows, journal, {}, say};
  context.workers = workers_of(job, workers);
  context.stopped = StopSignal::came;
  context.pool = pool_folder(job.area.folder());
  return context;
}

void report_batch(const BatchResult& result, const StageContext& context,
                  const std::filesystem::path& card_file, bool json) {
  const std::string rejects = reject_file_of(card_file).string();
  if (json) {
    std::cout << nlohmann::ordered_json{{"job", context.plan.job},
                                        {"plan", context.plan.digest},
                                        {"read", result.books.read},
                                        {"prepared", result.books.cards},
                                        {"rejected", result.books.rejects},
                                        {"rejects_by_fault", result.rejects_by_fault},
                                        {"card_file", card_file.string()},
                                        {"card_file_digest", result.digest},
                                        {"reject_file", rejects},
                                        {"pins_checked_in_host",
                                         context.windows.count(Window::pins)},
                                        {"pins_unchecked", context.windows.unchecked_pins()},
                                        {"icc_keys", result.icc_keys},
                                        {"host_windows", context.windows.report()}}
                     .dump(2)
              << "\n";
    return;
  }
  say(fmt::format("{}: {} read, {} prepared, {} rejected", context.plan.job, result.books.read,
                  result.books.cards, result.books.rejects));
  for (const auto& [fault, count] : result.rejects_by_fault)
    say(fmt::format("  {:<16}{}", fault, count));
  say(fmt::format("cards:   {}", card_file.string()));
  say(fmt::format("rejects: {}", rejects));
  for (const auto& [source, count] : result.icc_keys)
    if (count > 0) say(fmt::format("RSA pairs from the {}: {}", source, count));
  for (const std::string& window : context.windows.report()) say("host window, " + window);
  if (const std::size_t pins = context.windows.unchecked_pins(); pins > 0)
    say(fmt::format("{} PINs went through the device unchecked (pin_check)", pins));
}

ExitCode batch_exit(const BatchResult& result, bool fail_on_reject) {
  return fail_on_reject && result.books.rejects > 0 ? ExitCode::hold : ExitCode::done;
}

std::filesystem::path output_file(const Plan& plan, const std::filesystem::path& job_file,
                                  const std::string& option) {
  if (!option.empty()) return option;
  std::filesystem::path file = job_file.parent_path() / plan.output.file;
  std::filesystem::create_directories(file.parent_path());
  return file;
}

}  // namespace kpd

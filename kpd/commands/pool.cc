// kpd pool: card RSA pairs made ahead.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/calendar.h"
#include "kpd/commands/batch_report.h"
#include "kpd/commands/cert_options.h"
#include "kpd/commands/stop_signal.h"
#include "kpd/keys/storage_key.h"
#include "kpd/plan/compile.h"
#include "kpd/pool/fill_pool.h"
#include "kpd/pool/icc_key_sources.h"

namespace kpd {
namespace {

struct FillOptions {
  std::string job, source = "factory";
  std::size_t level = 10'000;
  unsigned workers = 0;
  bool urgent = false;
};

/// What is missing of each shape. Throws Failure(usage) for a job without RSA pairs.
std::vector<PoolOrder> orders_of(const Plan& plan, const KeyPool& pool, std::size_t level) {
  auto orders = missing_pairs(plan, pool, level);
  if (orders.empty())
    throw Failure(ExitCode::usage, "no card of job '" + plan.job + "' has an RSA pair");
  return orders;
}

ExitCode fill(const FillOptions& options, const Invocation& invocation) {
  OpenJob job = open_job(options.job, invocation);
  HostWindows(job.plan.windows).open(Window::icc_keys, 1);  // in clear here for a moment
  const StopSignal stop;
  if (!options.urgent) yield_to_others();
  KeyPool pool(pool_folder(job.area.folder()));
  const auto orders = orders_of(job.plan, pool, options.level);
  std::size_t wanted = 0;
  for (const PoolOrder& order : orders) wanted += order.pairs;
  const auto source =
      options.source == "hsm" ? make_device_keys(job.token) : make_factory_keys(job.token);
  std::size_t made = 0;
  const auto note_made = [&](const std::string& result) {
    if (made > 0)
      note(job.area, "pool fill", result,
           {{"job", job.plan.job}, {"source", options.source}, {"pairs", std::to_string(made)}});
  };
  try {
    ProgressLine line("making RSA pairs");
    fill_pool(pool, orders,
              {*source, options.source, job.token, storage_key(job.plan, *job.token),
               AreaOptions{}.today(), workers_of(job, options.workers), StopSignal::came,
               [&](std::size_t done) { line.show(made = done, wanted); }});
  } catch (const std::exception&) {
    note_made("failed");
    throw;
  }
  note_made(made == wanted ? "done" : "stopped");
  if (invocation.json)
    std::cout << nlohmann::ordered_json{{"made", made}, {"wanted", wanted}}.dump(2) << "\n";
  else
    say(fmt::format("{}: {} of {} RSA pairs made by the {}", pool.folder().string(), made, wanted,
                    options.source));
  return made == wanted ? ExitCode::done : ExitCode::try_again;
}

struct StatusOptions {
  AreaOptions area;
  std::string job;
  std::size_t at_least = 0;
  int days = 0;
};

/// Kinds that the job's cards need and the pool has none of.
void add_wanted(std::vector<PoolLevel>& levels, const std::string& job, const KeyPool& pool) {
  const CompiledJob compiled = examine_job(job, nullptr);
  compiled.mistakes.throw_if_any();
  for (const PoolOrder& order : missing_pairs(compiled.plan, pool, 1))
    if (order.pairs > 0) levels.push_back({order.shape, 0, 0, {}, {}});
}

/// "made 2026-11-30 to 2026-11-30"; nothing of an empty level.
std::string made_text(const PoolLevel& level) {
  return level.pairs == 0 ? ""
                          : fmt::format(", made {} to {}", level.oldest.iso(), level.newest.iso());
}

ExitCode status(const StatusOptions& options, bool json) {
  const Area area = options.area.open();
  const KeyPool pool(pool_folder(area.folder()));
  const emvcrypto::Date today = options.area.today();
  auto levels = pool.levels();
  if (!options.job.empty()) add_wanted(levels, options.job, pool);
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  bool good = !levels.empty() || options.at_least == 0;
  for (const PoolLevel& level : levels) {
    const int age = level.pairs == 0 ? 0 : days_between(level.oldest, today);
    const bool low = level.pairs < options.at_least;
    const bool old = options.days > 0 && age > options.days;
    good = good && !low && !old;
    rows.push_back({{"bits", level.shape.bits},
                    {"exponent", level.shape.exponent},
                    {"full_parts", level.shape.full_parts},
                    {"pairs", level.pairs},
                    {"files", level.files},
                    {"oldest", level.oldest.iso()},
                    {"newest", level.newest.iso()},
                    {"oldest_days", age},
                    {"low", low},
                    {"old", old}});
    if (!json)
      fmt::print("{:<28} {:>9} pairs in {:>6} files{}{}{}\n", shape_name(level.shape), level.pairs,
                 level.files, made_text(level), low ? "  LOW" : "", old ? "  OLD" : "");
  }
  if (json) std::cout << rows.dump(2) << "\n";
  if (levels.empty() && !json) fmt::print("the pool is empty (kpd pool fill)\n");
  return good ? ExitCode::done : ExitCode::hold;
}

struct PurgeOptions {
  AreaOptions area;
  int days = 0;
  bool all = false;
};

ExitCode purge(const PurgeOptions& options) {
  if (options.all == (options.days > 0))
    throw Failure(ExitCode::usage, "say which: --all, or --older-than DAYS");
  const Area area = options.area.open();
  const emvcrypto::Date today = options.area.today();
  KeyPool pool(pool_folder(area.folder()));
  const std::size_t pairs = pool.purge([&](const PoolEntry& entry) {
    return options.all || days_between(entry.made, today) > options.days;
  });
  note(area, "pool purge", "done",
       {{"pairs", std::to_string(pairs)},
        {"which", options.all ? "all" : fmt::format("older than {} days", options.days)}});
  say(fmt::format("{}: {} RSA pairs destroyed", pool.folder().string(), pairs));
  return ExitCode::done;
}

void add_fill(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<FillOptions>();
  CLI::App* command = parent.add_subcommand(
      "fill", "Make pairs until the pool has enough of each kind that a job's cards need");
  command->add_option("JOB", options->job, "Job file")->required();
  command->add_option("--level", options->level, "Pairs of each kind that there shall be")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}))
      ->capture_default_str();
  command->add_option("--source", options->source, "Who makes them: factory or hsm")
      ->check(CLI::IsMember({"factory", "hsm"}))
      ->capture_default_str();
  add_workers_option(*command, options->workers);
  command->add_flag("--urgent", options->urgent,
                    "At the usual priority; else everything else on this machine goes first");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "Ctrl-C ends it and keeps what was made.\n"
      "Example:  kpd pool fill demo/job.yaml --level 50000");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return fill(*options, invocation); };
  });
}

void add_status(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command = parent.add_subcommand("status", "How many pairs there are, and how old");
  options->area.add_to(*command);
  options->area.add_date_to(*command);
  command->add_option("--job", options->job, "Job whose kinds of pairs there must be");
  command->add_option("--at-least", options->at_least,
                      "End with 65 when there are fewer pairs of a kind");
  command->add_option("--days", options->days, "End with 65 when some are older");
  add_json_option(*command, invocation);
  command->footer("Example:  kpd pool status --area demo --at-least 50000 --days 30");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return status(*options, invocation.json); };
  });
}

void add_purge(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<PurgeOptions>();
  CLI::App* command = parent.add_subcommand("purge", "Destroy pairs that no card has");
  options->area.add_to(*command);
  options->area.add_date_to(*command);
  command->add_option("--older-than", options->days, "Those made more than so many days ago");
  command->add_flag("--all", options->all, "All of them");
  command->footer("Example:  kpd pool purge --area demo --older-than 30");
  command->callback(
      [options, &invocation] { invocation.action = [options] { return purge(*options); }; });
}

}  // namespace

void add_pool(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("pool", "Card RSA pairs made ahead in quiet hours");
  command->require_subcommand(1);
  command->footer("Example:  kpd pool fill demo/job.yaml && kpd pool status --area demo");
  add_fill(*command, invocation);
  add_status(*command, invocation);
  add_purge(*command, invocation);
}

}  // namespace kpd

// kpd ingest, prepare, sign, emit: the stages as filters over files or pipes.
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "kpd/certificates/job_certificates.h"
#include "kpd/commands/batch_report.h"
#include "kpd/commands/stop_signal.h"
#include "kpd/files/atomic_file.h"
#include "kpd/stages/own_files.h"

namespace kpd {
namespace {

struct StageOptions {
  std::string job, input = "-", output = "-";
  unsigned workers = 0;
  bool fail_on_reject = false;
};

/// Calls `work` with the stream of an input file, or of standard input for "-".
template <typename Work>
auto with_input(const std::string& name, const Work& work) {
  if (name == "-") return work(std::cin);
  std::ifstream file(name, std::ios::binary);
  if (!file) throw Failure(ExitCode::io, name + ": cannot be opened");
  return work(file);
}

/// The same for outputs; a file appears whole or not at all.
Books with_output(const Plan& plan, const StageOptions& options,
                  const std::function<Books(std::ostream&)>& work) {
  const std::string& name = options.output;
  if (name == "-") return work(std::cout);
  require_own_files(plan, {name}, {options.input});
  AtomicFile file(name);
  const Books books = work(file.stream());
  file.commit();
  return books;
}

void say_books(const std::string& stage, const Books& books, const HostWindows& windows) {
  say(fmt::format("{}: {} read, {} on, {} rejected", stage, books.read, books.cards,
                  books.rejects));
  for (const std::string& window : windows.report()) say(stage + ": host window, " + window);
}

CLI::App* add_stage(CLI::App& app, Invocation& invocation, const std::string& name,
                    const std::string& what, const std::shared_ptr<StageOptions>& options,
                    bool reads) {
  CLI::App* command = app.add_subcommand(name, what);
  command->add_option("JOB", options->job, "Job file")->required();
  if (reads)
    command->add_option("-i,--input", options->input,
                        "Stage file of the stage before (default: -)");
  if (reads) add_workers_option(*command, options->workers);
  add_pin_option(*command, invocation);
  return command;
}

using Filter = Books (*)(const StageContext&, std::istream&, std::ostream&);

void add_filter(CLI::App& app, Invocation& invocation, const std::string& name,
                const std::string& what, const std::string& example, Filter filter) {
  auto options = std::make_shared<StageOptions>();
  CLI::App* command = add_stage(app, invocation, name, what, options, true);
  command->add_option("-o,--output", options->output, "Stage file to write (default: -)");
  command->footer("Example:  " + example);
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] {
      OpenJob job = open_batch(options->job, invocation);
      HostWindows windows(job.plan.windows);
      NullJournal journal;
      const StopSignal stop;
      const StageContext context = stage_context(job, windows, journal, options->workers);
      if (filter == sign) use_serials(job.area.folder(), job.plan);
      const Books books = with_input(options->input, [&](std::istream& in) {
        return with_output(job.plan, *options,
                           [&](std::ostream& out) { return filter(context, in, out); });
      });
      say_books(name, books, windows);
      return ExitCode::done;
    };
  });
}

void add_ingest(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<StageOptions>();
  CLI::App* command = add_stage(app, invocation, "ingest",
                                "Read and check the back office's records", options, false);
  command->add_option("-o,--output", options->output, "Stage file to write (default: -)");
  command->footer("Example:  kpd ingest demo/job.yaml -o 1.stage");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      OpenJob job = open_batch(options->job, invocation);
      HostWindows windows(job.plan.windows);
      NullJournal journal;
      const StopSignal stop;
      const StageContext context = stage_context(job, windows, journal, options->workers);
      say_books(
          "ingest",
          with_output(job.plan, *options, [&](std::ostream& out) { return ingest(context, out); }),
          windows);
      return ExitCode::done;
    };
  });
}

void add_emit(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<StageOptions>();
  options->output.clear();
  CLI::App* command = add_stage(app, invocation, "emit",
                                "Write the card file (EMV CPS) and the reject file", options, true);
  command->add_option("-o,--output", options->output, "Card file (default: the job's own)");
  command->add_flag("--fail-on-reject", options->fail_on_reject,
                    "End with 65 when a record was rejected");
  add_json_option(*command, invocation);
  command->footer("Example:  kpd ingest J | kpd prepare J | kpd sign J | kpd emit J -o batch.cps");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      OpenJob job = open_batch(options->job, invocation);
      HostWindows windows(job.plan.windows);
      NullJournal journal;
      const StopSignal stop;
      const StageContext context = stage_context(job, windows, journal, options->workers);
      const auto file = output_file(job.plan, options->job, options->output);
      require_own_files(job.plan, batch_files(job.plan, file), {options->input});
      const BatchResult result =
          with_input(options->input, [&](std::istream& in) { return emit(context, in, file); });
      report_batch(result, context, file, invocation.json);
      return batch_exit(result, options->fail_on_reject);
    };
  });
}

}  // namespace

void add_stages(CLI::App& app, Invocation& invocation) {
  add_ingest(app, invocation);
  add_filter(app, invocation, "prepare", "Make values, data elements and secrets of each card",
             "kpd prepare demo/job.yaml -i 1.stage -o 2.stage", prepare);
  add_filter(app, invocation, "sign", "Sign static data and certify card keys",
             "kpd sign demo/job.yaml -i 2.stage -o 3.stage", sign);
  add_emit(app, invocation);
}

}  // namespace kpd

// kpd run: all stages in one process.
#include "kpd/certificates/job_certificates.h"
#include "kpd/commands/batch_report.h"
#include "kpd/commands/stop_signal.h"

namespace kpd {

void add_run(CLI::App& app, Invocation& invocation) {
  struct Options {
    std::string job, output;
    unsigned workers = 0;
    bool fail_on_reject = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("run", "Prepare a whole batch: ingest, prepare, sign, emit");
  command->add_option("JOB", options->job, "Job file")->required();
  command->add_option("-o,--output", options->output, "Card file (default: the job's own)");
  command->add_flag("--fail-on-reject", options->fail_on_reject,
                    "End with 65 when a record was rejected");
  add_workers_option(*command, options->workers);
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd run demo/job.yaml --json");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      OpenJob job = open_batch(options->job, invocation);
      HostWindows windows(job.plan.windows);
      NullJournal journal;
      const auto file = output_file(job.plan, options->job, options->output);
      use_serials(job.area.folder(), job.plan);
      BatchResult result;
      const StopSignal stop;
      StageContext context = stage_context(job, windows, journal, options->workers);
      {
        ProgressLine progress("preparing");
        context.progress = [&](const Books& books) { progress.show(books); };
        result = run_batch(context, file);
      }
      report_batch(result, context, file, invocation.json);
      return batch_exit(result, options->fail_on_reject);
    };
  });
}

}  // namespace kpd

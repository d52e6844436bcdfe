// kpd template explain: the whole way of one value.
#include <csignal>
#include <iostream>

#include "kpd/commands/template_options.h"
#include "kpd/inspect/writer.h"
#include "kpd/template/explain.h"
#include "kpd/template/one_record.h"

namespace kpd {
namespace {

struct ExplainOptions {
  ExplainWish wish;
  CardChoice choice;
  std::string job, record;
  WorldOptions world;
};

ExitCode run_explain(const ExplainOptions& options, bool json) {
  std::signal(SIGPIPE, SIG_DFL);  // whoever has seen enough (head, less) ends this without a word
  const Examined examined = examine(options.job, options.world.world());
  const bool is_job = examined.kind == "job";
  if (!options.record.empty() && !is_job)
    throw Failure(ExitCode::usage, "--record needs a job: a template alone has no records");
  std::optional<pb::Card> record;
  if (!options.record.empty()) record = find_record(examined.job.plan, options.record);
  ExplainWish wish = options.wish;
  wish.card = record ? record->card() : choose(examined.job.plan, options.choice);
  const auto nodes = explain(examined, is_job ? load_config(options.job) : nullptr, wish,
                             record ? &*record : nullptr);
  const auto writer =
      json ? inspect::make_json_writer(std::cout) : inspect::make_text_writer(std::cout, {});
  inspect::write_tree(*writer, "template-explanation", [&] {
    for (const inspect::Node& node : nodes) writer->section(node);
  });
  if (!std::cout.flush()) throw Failure(ExitCode::io, "the output cannot be written to its end");
  return ExitCode::done;
}

}  // namespace

void add_template_explain(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<ExplainOptions>();
  CLI::App* command =
      parent.add_subcommand("explain", "Where a tag, DGI or record of a card comes from");
  command->add_option("WHAT", options->wish.what, "Tag (9F10), DGI (9104) or record (2/1)")
      ->required();
  command->add_option("--job", options->job, "Job, card template or application template")
      ->required();
  auto* record = command->add_option("--record", options->record,
                                     "Record id, or place from 1, of the job's source");
  auto* product = command->add_option("--product", options->choice.product, "Product of the job");
  command->add_option("--risk", options->choice.risk, "Risk profile of the product");
  command->add_option("--application", options->wish.application,
                      "Only this application of the card");
  record->excludes(product);
  options->world.add_to(*command);
  add_json_option(*command, invocation);
  command->footer(
      "With --record the intake runs for that record, and what needs no device is made.\n"
      "Cardholder data is masked; secrets are never shown.\n"
      "Example:  kpd template explain 5F24 --job demo/job.yaml --record 00000002");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_explain(*options, invocation.json); };
  });
}

}  // namespace kpd

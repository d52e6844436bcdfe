// kpd template diff: what changes on the card.
#include <csignal>
#include <iostream>

#include "kpd/commands/template_options.h"
#include "kpd/inspect/writer.h"
#include "kpd/template/compare.h"

namespace kpd {
namespace {

/// As diff(1) says it: the two differ.
constexpr ExitCode kDiffers{1};

struct DiffOptions {
  std::string before, after;
  WorldOptions world;
};

ExitCode run_diff(const DiffOptions& options, bool json) {
  std::signal(SIGPIPE, SIG_DFL);  // whoever has seen enough (head, less) ends this without a word
  const TemplateWorld world = options.world.world();
  const auto nodes = compare(examine(options.before, world), examine(options.after, world));
  const auto writer =
      json ? inspect::make_json_writer(std::cout) : inspect::make_text_writer(std::cout, {});
  inspect::write_tree(*writer, "template-diff", [&] {
    for (const inspect::Node& node : nodes) writer->section(node);
  });
  if (!std::cout.flush()) throw Failure(ExitCode::io, "the output cannot be written to its end");
  if (!nodes.empty()) return kDiffers;
  if (!json) say("the cards are the same");
  return ExitCode::done;
}

}  // namespace

void add_template_diff(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* command = parent.add_subcommand("diff", "What changes on the card between two files");
  command->add_option("A", options->before, "Job, card template or application template")
      ->required();
  command->add_option("B", options->after, "The same, later")->required();
  options->world.add_to(*command);
  add_json_option(*command, invocation);
  command->footer(
      "Exit codes: 0 the same cards, 1 they differ, 64 a file has mistakes.\n"
      "Example:  kpd template diff old/job.yaml job.yaml");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_diff(*options, invocation.json); };
  });
}

}  // namespace kpd

// kpd template show: a template without what it inherits, and where each value came from.
#include <csignal>
#include <iostream>

#include "kpd/commands/template_options.h"
#include "kpd/template/examined.h"
#include "kpd/template/yaml_text.h"

namespace kpd {
namespace {

struct ShowOptions {
  std::string file, application;
  CardChoice choice;
  WorldOptions world;
};

ConfigPtr find_application(const CardDocuments& documents, const std::string& name) {
  std::string names;
  for (const auto& application : documents.applications) {
    if (application.name == name) return application.document;
    names += (names.empty() ? "" : ", ") + application.name;
  }
  throw Failure(ExitCode::usage,
                "the card has no application called '" + name + "', there are: " + names);
}

ExitCode run_show(const ShowOptions& options, bool json) {
  std::signal(SIGPIPE, SIG_DFL);  // whoever has seen enough (head, less) ends this without a word
  const Examined examined = examine(options.file, options.world.world());
  for (const std::string& note : examined.notes) say(note);
  const std::size_t card = choose(examined.job.plan, options.choice);
  const ConfigPtr document =
      options.application.empty()
          ? flattened(examined, card)
          : find_application(examined.job.documents.at(card), options.application);
  if (json)
    write_yaml_json(std::cout, document);
  else
    write_yaml(std::cout, document);
  if (!std::cout.flush()) throw Failure(ExitCode::io, "the output cannot be written to its end");
  return ExitCode::done;
}

}  // namespace

void add_template_show(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = parent.add_subcommand(
      "show", "A template complete, with a comment a line that says where it came from");
  command->add_option("FILE", options->file, "Job, card template or application template")
      ->required();
  command->add_option("--product", options->choice.product, "Product of a job");
  command->add_option("--risk", options->choice.risk, "Risk profile of a product");
  command->add_option("--application", options->application, "Only this application of the card");
  options->world.add_to(*command);
  add_json_option(*command, invocation);
  command->footer(
      "What it prints is a template that compiles to the same card.\n"
      "Example:  kpd template show demo/job.yaml --product GOLD");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_show(*options, invocation.json); };
  });
}

}  // namespace kpd

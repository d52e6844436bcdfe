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

/// The card whole, or one of its applications.
ConfigPtr document_of(const Examined& examined, std::size_t card, const std::string& application) {
  return application.empty() ? flattened(examined, card)
                             : find_application(examined.job.documents.at(card), application);
}

/// Several cards: documents of one stream, each with its name; for programs a list.
void show_all(const Examined& examined, const std::vector<std::size_t>& cards,
              const std::string& application, bool json) {
  if (json) std::cout << "[\n";
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const ConfigPtr document = document_of(examined, cards[i], application);
    if (json) {
      write_yaml_json(std::cout, document);
      std::cout << (i + 1 < cards.size() ? ",\n" : "]\n");
    } else {
      std::cout << "--- # " << card_name(examined.job.plan.cards.at(cards[i])) << "\n";
      write_yaml(std::cout, document);
    }
  }
}

ExitCode run_show(const ShowOptions& options, bool json) {
  std::signal(SIGPIPE, SIG_DFL);  // whoever has seen enough (head, less) ends this without a word
  const Examined examined = examine(options.file, options.world.world());
  for (const std::string& note : examined.notes) say(note);
  const auto cards = choose_all(examined.job.plan, options.choice);
  if (cards.size() > 1)
    show_all(examined, cards, options.application, json);
  else if (json)
    write_yaml_json(std::cout, document_of(examined, cards.front(), options.application));
  else
    write_yaml(std::cout, document_of(examined, cards.front(), options.application));
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
  command->add_option("--risk", options->choice.risk, "Risk profile of a product, or all");
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

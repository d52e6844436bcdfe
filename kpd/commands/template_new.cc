// kpd template new: starts a template from the library.
#include <unistd.h>

#include <iostream>

#include "kpd/commands/template_options.h"
#include "kpd/files/atomic_file.h"
#include "kpd/template/file_check.h"
#include "kpd/template/starter.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

struct NewOptions {
  Start start;
  std::vector<std::string> with;
  std::string templates = "templates", output;
};

void require_name(const std::string& name) {
  constexpr const char* kAllowed =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
  if (name.empty() || name.find_first_not_of(kAllowed) != std::string::npos)
    throw Failure(ExitCode::usage, "NAME is needed: letters, digits, '-' and '_'");
}

/// Errors of the new file, which then goes away again.
void check_new(const fs::path& file, const std::string& templates) {
  TemplateWorld world;
  world.templates = templates;
  Mistakes mistakes;
  for (const Mistake& mistake : check_file(file, world, {}).mistakes) mistakes.add(mistake);
  if (mistakes.any_errors()) fs::remove(file);
  mistakes.throw_if_any();
}

ExitCode run_new(const NewOptions& options) {
  Start start = options.start;
  start.with = parse_pairs(options.with);
  const bool may_ask = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
  if (!fs::is_directory(options.templates))
    throw Failure(ExitCode::usage,
                  options.templates + ": no such folder: name it with --templates");
  if (may_ask && (start.from.empty() || start.name.empty()))
    ask(start, options.templates, std::cin, std::cerr);
  if (start.from.empty())
    throw Failure(ExitCode::usage,
                  "--from is needed where there is no terminal to ask on: applications/NAME");
  require_name(start.name);
  const std::string text = start_text(start, options.templates);
  const fs::path file = options.output.empty()
                            ? fs::path(options.templates) /
                                  (start.from.starts_with("cards/") ? "cards" : "applications") /
                                  (start.name + ".yaml")
                            : fs::path(options.output);
  if (fs::exists(file))
    throw Failure(ExitCode::usage, file.string() + " is there already: choose another name");
  fs::create_directories(fs::absolute(file).parent_path());
  AtomicFile out(file);
  out.stream() << text;
  out.commit();
  check_new(file, options.templates);
  say(file.string() + ": a template without mistakes");
  say("Next:  kpd template show " + file.string());
  return ExitCode::done;
}

}  // namespace

void add_template_new(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<NewOptions>();
  CLI::App* command = parent.add_subcommand("new", "Start a template from one of the library");
  command->add_option("NAME", options->start.name, "Name of the new template");
  command->add_option("--from", options->start.from,
                      "Template to start from: applications/NAME or cards/NAME");
  command->add_option("--title", options->start.title, "What it is, in one line");
  command->add_option("--aid", options->start.aid, "Application identifier, hexadecimal");
  command->add_option("--label", options->start.label, "Name that terminals show");
  command->add_option("--risk-field", options->start.risk_field,
                      "Cards: field of the record that chooses a risk profile");
  command->add_option("--with", options->with, "Value of a parameter, NAME=VALUE; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command->add_option("--templates", options->templates,
                      "Folder of templates (default: templates)");
  command->add_option("-o,--output", options->output, "File to write");
  command->footer(
      "On a terminal it asks for what was not said.\n"
      "Example:  kpd template new club --from applications/loyalty --label CLUB");
  command->callback(
      [options, &invocation] { invocation.action = [options] { return run_new(*options); }; });
}

}  // namespace kpd

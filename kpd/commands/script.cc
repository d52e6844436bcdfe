// kpd script: card scripts away from any card.
#include <fmt/format.h>

#include <iostream>
#include <sstream>

#include "kpd/commands/script_arguments.h"
#include "kpd/commands/script_trace.h"
#include "kpd/exit_code.h"
#include "kpd/script/script_dry.h"
#include "kpd/station/card_queue.h"
#include "kpd/station/script_text.h"

namespace kpd {
namespace {

struct CheckArguments {
  std::vector<std::string> scripts;
};

struct RunArguments {
  std::string script, file, protocol = "02";
  std::uint64_t record = 1;
  bool dry = false, one_dgi = false, show_values = false;
  ScriptArguments more;
};

ExitCode check(const CheckArguments& arguments) {
  for (const std::string& name : arguments.scripts) {
    const ScriptMachine machine(find_script(name));
    std::cout << machine.name() << ": well formed\n";
  }
  return ExitCode::done;
}

ExitCode run(const RunArguments& arguments) {
  if (!arguments.dry)
    throw Failure(
        ExitCode::usage,
        "kpd script run shows what a script would send, with --dry; to run it on a chip:  "
        "kpd load FILE --script SCRIPT --first N --count 1");
  ScriptMachine machine(find_script(arguments.script));
  CardQueue queue(arguments.file, {.first = arguments.record - 1, .count = 1});
  if (arguments.show_values && !queue.header().test)
    throw Failure(ExitCode::usage, "--show-values is for files of test jobs");
  const auto job = queue.next();
  if (!job)
    throw Failure(ExitCode::usage,
                  fmt::format("{}: there is no record {}", arguments.file, arguments.record));
  const auto parameters = arguments.more.parameters();
  const ScriptCard card{
      job->record,
      job->modules,
      job->record_id,
      job->product,
      {},
      parameters,
      [&job](const std::string& text) { say("log: " + masked_script_text(job->record, text)); }};
  DryOptions options;
  options.profile.one_dgi_per_command = arguments.one_dgi;
  options.block = arguments.protocol == "03" ? 16 : 8;
  options.show_values = arguments.show_values;
  std::ostringstream shown;  // names of commands are a script's words too
  const DryResult result = run_dry(machine, card, options, shown);
  std::cout << (options.show_values ? shown.str() : masked_script_text(job->record, shown.str()));
  if (!result.end.good) {
    say(masked_script_text(job->record, result.end.reason));
    return ExitCode::hold;
  }
  say(fmt::format("record {} ({}): {} commands", job->record_id, job->product, result.commands));
  return ExitCode::done;
}

void add_script_check(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<CheckArguments>();
  CLI::App* command = parent.add_subcommand("check", "Whether scripts are well formed");
  command->add_option("SCRIPT", arguments->scripts, "Path, or name of a script that comes with kpd")
      ->required();
  command->footer("Example:  kpd script check mine.lua cps");
  command->callback(
      [arguments, &invocation] { invocation.action = [arguments] { return check(*arguments); }; });
}

void add_script_run(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<RunArguments>();
  CLI::App* command =
      parent.add_subcommand("run", "The commands that a script would send for a record");
  command->add_option("SCRIPT", arguments->script, "Path, or name of a script that comes with kpd")
      ->required();
  command->add_option("FILE", arguments->file, "Card file")->required();
  command->add_flag("--dry", arguments->dry, "No card and no key: every command is answered 9000");
  command->add_option("--record", arguments->record, "Which record, counted from 1")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--protocol", arguments->protocol, "Secure channel that the card would speak")
      ->capture_default_str()
      ->check(CLI::IsMember({"02", "03"}));
  command->add_flag("--one-dgi", arguments->one_dgi, "These cards take one DGI a command");
  command->add_flag("--show-values", arguments->show_values,
                    "Clear values, not their lengths alone; for files of test jobs");
  arguments->more.add_parameters_to(*command);
  command->footer("Example:  kpd script run cps demo/out/batch.cps --dry --record 1");
  command->callback(
      [arguments, &invocation] { invocation.action = [arguments] { return run(*arguments); }; });
}

}  // namespace

void add_script(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("script", "Card scripts away from any card");
  command->require_subcommand(1);
  command->footer("Example:  kpd script run cps demo/out/batch.cps --dry --record 1");
  add_script_check(*command, invocation);
  add_script_run(*command, invocation);
  add_script_trace(*command, invocation);
}

}  // namespace kpd

// kpd calc: the calculator for card engineers. Its functions, their options and their help come
// from the table in kpd/calc/catalogue.h.
#include <fmt/format.h>

#include <csignal>
#include <iostream>

#include "kpd/calc/catalogue.h"
#include "kpd/calc/render.h"
#include "kpd/commands/calc_answers.h"
#include "kpd/commands/command.h"

namespace kpd {
namespace {

using calc::Function;
using calc::Parameter;

/// What is left over of a command line: never told whole, since it may be a key.
[[noreturn]] void refuse_extras(const std::string& command, const std::vector<std::string>& extras,
                                const Function* function) {
  for (const std::string& extra : extras) {
    if (!extra.starts_with("--")) continue;
    const std::string name = extra.substr(2, extra.find('=') - 2);
    calc::GivenValues unknown;
    unknown[name];
    const auto parameters = function ? function->parameters : std::span<const Parameter>();
    const auto checked = calc::check_arguments(parameters, unknown, true);
    if (!checked)
      throw Failure(ExitCode::usage, fmt::format("{}: {} (see {} --help)", command,
                                                 checked.error().reason, command));
  }
  throw Failure(ExitCode::usage,
                fmt::format("{0}: a word on the command line belongs to no parameter (see {0} "
                            "--help)",
                            command));
}

const char* type_of(const Parameter& parameter) {
  using calc::Kind;
  switch (parameter.kind) {
    case Kind::hex:
      return "HEX";
    case Kind::key:
      return "KEY";
    case Kind::digits:
    case Kind::pan:
    case Kind::pin:
      return "DIGITS";
    case Kind::number:
      return "NUMBER";
    case Kind::date:
      return "DATE";
    case Kind::choice:
    case Kind::version:
      return "WORD";
    default:
      return "TEXT";
  }
}

std::string description_of(const Parameter& parameter) {
  std::string text = fmt::format("{} ({}", parameter.help, calc::wanted(parameter));
  if (!parameter.fallback.empty()) text += fmt::format("; default {}", parameter.fallback);
  if (parameter.required) text += "; required";
  return text + (parameter.many ? "; may be repeated)" : ")");
}

void add_parameter(CLI::App& command, const Parameter& parameter, CalcCall& call) {
  const std::string name(parameter.name);
  if (parameter.kind == calc::Kind::truth) {
    command.add_flag("--" + name, call.switches[parameter.name], std::string(parameter.help));
    return;
  }
  ValueSource& source = call.sources[parameter.name];
  command
      .add_option((parameter.positional ? name + "," : std::string()) + "--" + name, source.words,
                  description_of(parameter))
      ->option_text(type_of(parameter) + std::string(parameter.many ? " ..." : ""))
      ->take_all()
      ->allow_extra_args(parameter.many && parameter.positional);
  if (parameter.secret())
    command
        .add_option("--" + name + "-fd", source.descriptor,
                    fmt::format("Read {} from this descriptor", name))
        ->option_text("NUMBER");
}

void add_common(CLI::App& command, const std::shared_ptr<CalcCall>& call, Invocation& invocation) {
  command.add_option("--in", call->in,
                     "Read requests as JSON from this file (-: standard input): one object, an "
                     "array, or an object a line; an answer a line comes out");
  command.add_flag("--clear-test-keys", call->disclosure.clear_test_keys,
                   "Take test keys and PINs in clear, and show those that are results");
  command.add_flag("--show-pan", call->disclosure.show_pan, "Show PANs whole");
  add_json_option(command, invocation);
}

void add_function(CLI::App& command, const Function& function, Invocation& invocation) {
  auto call = std::make_shared<CalcCall>();
  call->function = &function;
  command.allow_extras();
  for (const Parameter& parameter : function.parameters) add_parameter(command, parameter, *call);
  add_common(command, call, invocation);
  command.footer("Example:  " + calc::example_line(function));
  command.callback([call, &command, &invocation] {
    invocation.action = [call, &command, &invocation] {
      std::signal(SIGPIPE, SIG_DFL);
      if (const auto extras = command.remaining(); !extras.empty())
        refuse_extras(fmt::format("kpd calc {}", call->function->name), extras, call->function);
      return call->in.empty() ? answer_one(*call, invocation.json) : answer_requests(*call);
    };
  });
}

ExitCode list(bool json) {
  std::cout << (json ? calc::render_catalogue_json() + "\n" : calc::render_catalogue_text());
  if (!std::cout.flush()) throw Failure(ExitCode::io, "the output cannot be written to its end");
  return ExitCode::done;
}

/// `kpd calc` or the first word of a function of two, without a function behind it.
[[noreturn]] void refuse_without_function(const std::string& first,
                                          const std::vector<std::string>& extras) {
  if (extras.empty() || extras.front().starts_with('-')) {
    const std::string command = "kpd calc" + (first.empty() ? "" : " " + first);
    throw Failure(ExitCode::usage, fmt::format("{0}: which function? See {0} --help", command));
  }
  const auto found = calc::find_function(first.empty() ? extras[0] : first + " " + extras[0]);
  if (!found && !first.empty() && found.error().reason.find("did you mean") == std::string::npos)
    throw Failure(ExitCode::usage,
                  fmt::format("kpd calc {0}: which function? See kpd calc {0} --help", first));
  throw Failure(ExitCode::usage,
                "kpd calc: " + (found ? std::string("the function stands before its parameters")
                                      : found.error().reason));
}

/// The command of a function's first word, for functions of two.
CLI::App& first_word(CLI::App& parent, const std::string& word, const std::string& group,
                     Invocation& invocation) {
  const auto known =
      parent.get_subcommands([&word](const CLI::App* other) { return other->get_name() == word; });
  if (!known.empty()) return *known.front();
  CLI::App* command = parent.add_subcommand(word, "")->group(group);
  command->require_subcommand(0, 1);
  command->allow_extras();
  command->callback([command, word, &invocation] {
    if (!command->get_subcommands().empty()) return;
    invocation.action = [command, word]() -> ExitCode {
      refuse_without_function(word, command->remaining());
    };
  });
  return *command;
}

void add_group(CLI::App& parent, const calc::Group& group, Invocation& invocation) {
  const std::string title(group.title);
  for (const Function& function : group.functions) {
    const std::string name(function.name);
    const std::size_t blank = name.find(' ');
    if (blank == std::string::npos) {
      add_function(*parent.add_subcommand(name, std::string(function.purpose))->group(title),
                   function, invocation);
      continue;
    }
    CLI::App& first = first_word(parent, name.substr(0, blank), title, invocation);
    const std::string second = name.substr(blank + 1);
    first.description(first.get_description() + (first.get_description().empty() ? "" : ", ") +
                      second);
    first.footer("Example:  " + calc::example_line(function));
    add_function(*first.add_subcommand(second, std::string(function.purpose)), function,
                 invocation);
  }
}

}  // namespace

void add_calc(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand(
      "calc", "Calculate card keys, cryptograms, PIN blocks, certificates: one at a time");
  auto call = std::make_shared<CalcCall>();
  auto listed = std::make_shared<bool>(false);
  command->require_subcommand(0, 1);
  command->allow_extras();
  for (const calc::Group& group : calc::catalogue()) add_group(*command, group, invocation);
  command->add_flag("--list", *listed, "List all functions; with --json with their parameters");
  add_common(*command, call, invocation);
  command->footer(
      "Keys come as @FILE, through a descriptor (--imk-fd 3), or as - to be asked for; in clear on "
      "the command line or in JSON only with --clear-test-keys.\n"
      "Example:  kpd calc cvv --cvk 0123456789ABCDEFFEDCBA9876543210 --pan 4123456789012345 "
      "--expiry 8701 --service-code 101 --clear-test-keys");
  command->callback([call, listed, command, &invocation] {
    if (!command->get_subcommands().empty()) return;
    invocation.action = [call, listed, command, &invocation]() -> ExitCode {
      std::signal(SIGPIPE, SIG_DFL);
      if (!command->remaining().empty() || (!*listed && call->in.empty()))
        refuse_without_function("", command->remaining());
      return *listed ? list(invocation.json) : answer_requests(*call);
    };
  });
}

}  // namespace kpd

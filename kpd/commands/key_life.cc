// kpd key rotate, retire, destroy, register: what becomes of keys.
#include <fmt/format.h>

#include <array>

#include "kpd/commands/key_command.h"
#include "kpd/keyring/terminal_desk.h"

namespace kpd {
namespace {

struct RotateArguments {
  KeyPlace place;
  KeyTerm term;
  unsigned to = 0;
};

/// The next version, made by the device like the last one.
KeyEntry make_next(OpenKeys& open, const RotateArguments& arguments) {
  const KeyEntry last = open.keys.find(arguments.place.name, std::nullopt);
  const KeyRole* role = last.row ? find_role(last.row->role) : nullptr;
  const auto algorithm = last.info ? algorithm_of(last.info->type, last.info->size) : std::nullopt;
  if (role == nullptr || !algorithm)
    throw Failure(ExitCode::hold,
                  fmt::format("{} is not registered: `kpd key register` it first", last.label));
  if (role->shared && !arguments.term.pending)
    throw Failure(
        ExitCode::usage,
        fmt::format("{}: a key of the role {} is of no use before its other holder has it: "
                    "make the next version with --pending, send it, then --to makes it "
                    "current",
                    arguments.place.name, role->name));
  NewKey wanted;
  wanted.name = arguments.place.name;
  wanted.role = role;
  wanted.algorithm = *algorithm;
  wanted.usage = last.info->usage;
  wanted.from = arguments.term.from();
  wanted.until = arguments.term.until();
  wanted.state = arguments.term.pending ? KeyState::pending : KeyState::current;
  if (last.row->exportability == 'E') wanted.exportability = 'E';
  wanted.next_version = true;
  wanted.origin = "generated";
  wanted.action = "key rotate";
  hsm::Token& token = open.keys.token();
  return open.keys.make(wanted, [&](const std::string& label) {
    if (*algorithm != KeyAlgorithm::rsa)
      return token.generate_secret(key_type(*algorithm), key_size(*algorithm), wanted.usage, label);
    const hsm::RsaPublic half = token.public_key(token.find(last.label));
    return token.generate_rsa(8 * half.modulus.size(),
                              static_cast<unsigned>(emvcrypto::to_number(half.exponent)),
                              wanted.usage, label);
  });
}

ExitCode rotate(const RotateArguments& arguments, const Invocation& invocation) {
  (void)arguments.term.until();
  OpenKeys open = open_keys(arguments.place, invocation);
  if (arguments.to == 0) {
    report_key(make_next(open, arguments), "made", invocation);
    return ExitCode::done;
  }
  const KeyEntry entry = open.keys.find(arguments.place.name, arguments.to);
  open.keys.set_state(entry, KeyState::current, "key rotate");
  report_key(open.keys.find(arguments.place.name, arguments.to), "current", invocation);
  return ExitCode::done;
}

ExitCode retire(const KeyPlace& place, const Invocation& invocation) {
  OpenKeys open = open_keys(place, invocation);
  open.keys.set_state(open.keys.find(place.name, place.version), KeyState::retired, "key retire");
  report_key(open.keys.find(place.name, place.version), "retired", invocation);
  return ExitCode::done;
}

ExitCode destroy(const KeyPlace& place, const std::string& confirm, const Invocation& invocation) {
  OpenKeys open = open_keys(place, invocation);
  const KeyEntry entry = open.keys.find(place.name, place.version);
  std::string typed = confirm;
  if (typed.empty()) {
    TerminalDesk desk;
    desk.say(fmt::format("{} will be destroyed for good, in the token \"{}\".", entry.label,
                         open.keys.token().label()));
    typed = desk.ask("Its KCV, to confirm: ");
  }
  if (entry.kcv.empty() || typed != entry.kcv)
    throw Failure(ExitCode::hold,
                  fmt::format("{} has the KCV {}: it stays, since another was typed", entry.label,
                              entry.kcv));
  open.keys.destroy(entry);
  if (invocation.json)
    report_key(entry, "", invocation);
  else
    say(fmt::format("{}: destroyed, KCV {}", entry.label, entry.kcv));
  return ExitCode::done;
}

struct RegisterArguments {
  KeyPlace place;
  KeyTerm term;
  std::string role, state = "current";
};

ExitCode adopt(const RegisterArguments& arguments, const Invocation& invocation) {
  const std::string name = arguments.role.empty() ? arguments.place.name : arguments.role;
  const KeyRole* role = find_role(name);
  if (role == nullptr)
    throw Failure(ExitCode::usage, fmt::format("no role is called '{}': say one with --role ({})",
                                               name, role_names()));
  KeyState state = arguments.term.pending ? KeyState::pending : KeyState::current;
  if (!arguments.term.pending)
    for (const KeyState one : {KeyState::valid, KeyState::retired})
      if (arguments.state == state_name(one)) state = one;
  const auto until = arguments.term.until();
  OpenKeys open = open_keys(arguments.place, invocation);
  const KeyEntry entry = open.keys.find(arguments.place.name, arguments.place.chosen_version());
  report_key(open.keys.adopt(entry, *role, state, arguments.term.from(), until), "registered",
             invocation);
  return ExitCode::done;
}

CLI::App* add_life(CLI::App& parent, KeyPlace& place, const std::string& name,
                   const std::string& what) {
  CLI::App* command = parent.add_subcommand(name, what);
  place.add_area(*command);
  place.add_name(*command);
  return command;
}

}  // namespace

void add_key_rotate(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<RotateArguments>();
  CLI::App* command = add_life(parent, arguments->place, "rotate",
                               "Make the next version of a key, or another version current");
  command->add_option("--to", arguments->to, "Make this version current (else: a new one)")
      ->check(CLI::Range(1, 9999));
  arguments->term.add_to(*command);
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "The version that was current stays valid for jobs that name it.\n"
      "Examples:  kpd key rotate IMK-AC --area demo --pending --from 2027-01-01\n"
      "           kpd key rotate IMK-AC --area demo --to 2");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return rotate(*arguments, invocation); };
  });
}

void add_key_retire(CLI::App& parent, Invocation& invocation) {
  auto place = std::make_shared<KeyPlace>();
  CLI::App* command =
      add_life(parent, *place, "retire", "Take a version of a key out of use: jobs refuse it");
  place->add_version(*command, "Which version");
  command->get_option("--version")->required();
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd key retire IMK-AC --area demo --version 1");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return retire(*place, invocation); };
  });
}

void add_key_destroy(CLI::App& parent, Invocation& invocation) {
  auto place = std::make_shared<KeyPlace>();
  auto confirm = std::make_shared<std::string>();
  CLI::App* command =
      add_life(parent, *place, "destroy", "Destroy a version of a key in the token, for good");
  place->add_version(*command, "Which version");
  command->get_option("--version")->required();
  command->add_option("--confirm", *confirm, "Its KCV (else it is asked for)");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd key destroy IMK-AC --area demo --version 1 --confirm 500E5F");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return destroy(*place, *confirm, invocation); };
  });
}

void add_key_register(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<RegisterArguments>();
  CLI::App* command = add_life(parent, arguments->place, "register",
                               "Enter a key that is in the token into the area's register");
  arguments->place.add_version(*command, "Which version");
  command->add_option("--role", arguments->role, "What it is for (default: its name)");
  command->add_option("--state", arguments->state, "current, valid or retired")
      ->capture_default_str()
      ->check(CLI::IsMember({"current", "valid", "retired"}));
  arguments->term.add_to(*command);
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd key register KEK1-AES --area demo --role KEK1");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return adopt(*arguments, invocation); };
  });
}

}  // namespace kpd

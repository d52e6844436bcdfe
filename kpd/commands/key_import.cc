// kpd key import: keys that come in components, in key blocks or wrapped.
#include <fmt/format.h>

#include "kpd/commands/key_command.h"
#include "kpd/keyring/block_transfer.h"
#include "kpd/keyring/terminal_desk.h"
#include "kpd/keyring/wrapped_key.h"

namespace kpd {
namespace {

struct ImportArguments {
  KeyPlace place;
  KeyOptions options;
  std::size_t components = 0;
  std::string block, protected_by, wrapped, unwrap_with, method, kcv;
  bool next = false;
};

NewKey begin(const ImportArguments& arguments, KeyAlgorithm algorithm) {
  NewKey wanted = arguments.options.wanted(arguments.place, algorithm);
  wanted.action = "key import";
  wanted.next_version = arguments.next;
  wanted.expected_kcv = arguments.kcv;
  return wanted;
}

/// A refusal before a key was made is in the audit log too.
template <typename Work>
auto audited(const OpenKeys& open, const ImportArguments& arguments, const Work& work) {
  try {
    return work();
  } catch (const Failure& failure) {
    open.keys.note("key import", "refused", failure.what(),
                   {{"party", arguments.place.party},
                    {"token", open.keys.token().label()},
                    {"key", arguments.place.name}});
    throw;
  }
}

/// What came is what was announced; from here on the key in the token must be it.
void require_kcv(NewKey& wanted, const hsm::Secret& value) {
  const hsm::CheckValues values = check_values(wanted.algorithm, value);
  if (!wanted.expected_kcv.empty() && !is_kcv_of(values, wanted.expected_kcv).value_or(false))
    throw Failure(ExitCode::hold, fmt::format("the key has the KCV {}, not {}: nothing was stored",
                                              kcv_text(values), wanted.expected_kcv));
  wanted.expected_kcv = emvcrypto::to_hex(usual_kcv(values));
}

KeyEntry store(OpenKeys& open, NewKey wanted, const hsm::Secret& value) {
  wanted.audit.emplace_back("window", "the clear key passed host memory");
  return open.keys.make(wanted, [&](const std::string& label) {
    return open.keys.token().create_secret(key_type(wanted.algorithm), value, wanted.usage, label);
  });
}

KeyEntry from_components(OpenKeys& open, const ImportArguments& arguments) {
  const KeyRole& role = arguments.options.role_of(arguments.place.name);
  NewKey wanted = begin(arguments, arguments.options.algorithm(role));
  if (wanted.algorithm == KeyAlgorithm::rsa)
    throw Failure(ExitCode::usage, "RSA keys have no components");
  open.keys.require_free(wanted);
  TerminalDesk desk;
  const CeremonyResult result = audited(open, arguments, [&] {
    return enter_components(
        desk,
        {arguments.place.name, &role, wanted.algorithm, arguments.components, open.area.test()},
        arguments.kcv);
  });
  require_kcv(wanted, result.key);
  wanted.origin = "components";
  wanted.audit = audit_of(result);
  say("The components were put together in this process' locked memory; the key goes into the "
      "token "
      "now.");
  return store(open, std::move(wanted), result.key);
}

std::string first_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.pop_back();
  return text;
}

KeyEntry from_block(OpenKeys& open, const ImportArguments& arguments) {
  const KeyRole& role = arguments.options.role_of(arguments.place.name);
  const std::string text = first_line(read_text_file(arguments.block));
  const hsm::Usage usage = arguments.options.wanted(arguments.place, role.algorithms.front()).usage;
  KeyEntry protecting;
  const ImportedKey key = audited(open, arguments, [&] {
    protecting = open.keys.find_usable(arguments.protected_by);
    ImportedKey inside = import_block(open.keys, text, protecting, role, usage, open.area.test());
    if (!arguments.options.type.empty() && arguments.options.algorithm(role) != inside.algorithm)
      throw Failure(ExitCode::hold,
                    fmt::format("the key block holds a key of {}, not {}",
                                algorithm_name(inside.algorithm), arguments.options.type));
    return inside;
  });
  NewKey wanted = begin(arguments, key.algorithm);
  wanted.exportability = key.header.exportability;
  wanted.origin = "key block";
  wanted.audit = {{"block", text.substr(0, 16)}, {"protected_by", protecting.label}};
  say("The device knows no key blocks: the clear key passes this process' locked memory on its way "
      "into the token.");
  audited(open, arguments, [&] { require_kcv(wanted, key.value); });
  return store(open, std::move(wanted), key.value);
}

/// A wrapped key before it is unwrapped: looked at as far as its file and our key go.
struct Unwrapping {
  NewKey wanted;
  WrappedKey wrapped;
  KeyEntry ours;
  hsm::Token::WrapMethod method;
};

/// Anyone can wrap under a public key, and write any KCV beside it: there it must come another way.
std::string kcv_of(const ImportArguments& arguments, const WrappedKey& wrapped,
                   hsm::Token::WrapMethod method) {
  if (!arguments.kcv.empty()) return arguments.kcv;
  if (is_rsa(method))
    throw Failure(ExitCode::usage,
                  "anyone can wrap a key under a public key: give with --kcv the KCV that its "
                  "sender told you, not the one in the file");
  if (wrapped.kcv.empty())
    throw Failure(ExitCode::usage, "a wrapped key is taken by its KCV alone: give it with --kcv");
  return wrapped.kcv;
}

Unwrapping open_wrapped(const OpenKeys& open, const ImportArguments& arguments) {
  const KeyRole& role = arguments.options.role_of(arguments.place.name);
  WrappedKey wrapped = parse_wrapped_key(read_text_file(arguments.wrapped), arguments.wrapped);
  const auto method =
      find_wrap_method(arguments.method.empty() ? wrapped.method : arguments.method);
  if (!method)
    throw Failure(ExitCode::usage,
                  "say how the key was wrapped: --method aes-kw, aes-kwp, rsa-oaep-sha1 or "
                  "rsa-oaep-sha256");
  KeyOptions options = arguments.options;
  if (options.type.empty()) options.type = wrapped.algorithm;
  NewKey wanted = begin(arguments, options.algorithm(role));
  if (!wrapped.role.empty() && wrapped.role != role.name)
    throw Failure(ExitCode::hold, fmt::format("the wrapped key is for the role {}, not {}",
                                              wrapped.role, role.name));
  wanted.expected_kcv = kcv_of(arguments, wrapped, *method);
  KeyEntry ours = open.keys.find_usable(arguments.unwrap_with);
  wanted.origin = "wrapped";
  wanted.audit = {{"method", std::string(wrap_method_name(*method))},
                  {"unwrapped_with", ours.label}};
  return {std::move(wanted), std::move(wrapped), std::move(ours), *method};
}

KeyEntry from_wrapped(OpenKeys& open, const ImportArguments& arguments) {
  const Unwrapping in = audited(open, arguments, [&] { return open_wrapped(open, arguments); });
  return open.keys.make(in.wanted, [&](const std::string& label) {
    return unwrap_key(open.keys, in.wrapped, in.ours, in.method, in.wanted.algorithm,
                      in.wanted.usage, label);
  });
}

ExitCode import(const ImportArguments& arguments, const Invocation& invocation) {
  const int ways =
      (arguments.components > 0) + !arguments.block.empty() + !arguments.wrapped.empty();
  if (ways != 1)
    throw Failure(ExitCode::usage, "say how the key comes: --components, --block or --wrapped");
  if (!arguments.block.empty() && arguments.protected_by.empty())
    throw Failure(ExitCode::usage, "--block wants --protected-by, the key block protection key");
  if (!arguments.wrapped.empty() && arguments.unwrap_with.empty())
    throw Failure(ExitCode::usage, "--wrapped wants --unwrap-with, our key that it is under");
  (void)arguments.options.wanted(arguments.place, KeyAlgorithm::des2);  // mistakes before the PIN
  OpenKeys open = open_keys(arguments.place, invocation);
  const KeyEntry made = arguments.components > 0   ? from_components(open, arguments)
                        : !arguments.block.empty() ? from_block(open, arguments)
                                                   : from_wrapped(open, arguments);
  report_key(made, "imported", invocation);
  return ExitCode::done;
}

}  // namespace

void add_key_import(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command = parent.add_subcommand("import", "Take a key into the token");
  arguments->place.add_area(*command);
  arguments->place.add_name(*command);
  arguments->options.add_to(*command);
  command
      ->add_option("--components", arguments->components,
                   "Custodians type so many components, 2 or 3")
      ->check(CLI::Range(2, 3));
  command->add_option("--block", arguments->block, "File with a key block (X9.143, TR-31)");
  command->add_option("--protected-by", arguments->protected_by, "Its protection key, by name");
  command->add_option("--wrapped", arguments->wrapped, "File with a wrapped key");
  command->add_option("--unwrap-with", arguments->unwrap_with, "Our key that it is under, by name");
  command->add_option("--method", arguments->method,
                      "aes-kw, aes-kwp, rsa-oaep-sha1 or rsa-oaep-sha256 (default: as it says)");
  command->add_option("--kcv", arguments->kcv, "KCV that the key must have, by any method");
  command->add_flag("--next", arguments->next, "As the next version of the key");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "Examples:  kpd key import KEK1 --area demo --components 3 --type des2 --kcv A43D42\n"
      "           kpd key import IMK-AC --area demo --block ac.tr31 --protected-by KBPK --next\n"
      "           kpd key import CVK --area demo --wrapped cvk.json --unwrap-with TRANSPORT --kcv "
      "08D7B4");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return import(*arguments, invocation); };
  });
}

}  // namespace kpd

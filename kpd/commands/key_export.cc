// kpd key export: keys that leave, in key blocks or wrapped; public keys of transport pairs.
#include <fmt/format.h>

#include <filesystem>

#include "kpd/commands/key_command.h"
#include "kpd/keyring/block_transfer.h"
#include "kpd/keyring/public_key.h"
#include "kpd/keyring/terminal_desk.h"
#include "kpd/keyring/wrapped_key.h"

namespace kpd {
namespace {

struct ExportArguments {
  KeyPlace place;
  std::string protected_by, wrap_with, method, fingerprint, output = "-";
  std::string block_version, usage, mode, exportability = "N";
  bool public_half = false, with_kcv = false, retired = false;
};

using Details = std::vector<std::pair<std::string, std::string>>;

/// What leaves, and what the audit log says of it.
struct Export {
  std::string text;
  Details details;
};

/// Somebody must have compared the receiver's public key with what the receiver says of it.
void require_fingerprint(const std::string& found, const std::string& said) {
  constexpr std::size_t kLeast = 16;
  std::string digits = said;
  if (digits.empty()) {
    TerminalDesk desk;
    desk.say(
        "The fingerprint of this public key must be read to you by its owner, not taken from "
        "where the key came from.");
    digits = desk.ask("Its first 16 digits or all of them: ");
  }
  std::erase_if(digits, [](char c) { return c == ' ' || c == ':'; });
  const auto bytes = emvcrypto::parse_hex(digits);
  if (!bytes || digits.size() < kLeast || !found.starts_with(emvcrypto::to_hex(*bytes)))
    throw Failure(ExitCode::hold,
                  fmt::format("the public key's fingerprint is {}, not what was said: another key, "
                              "or a changed one",
                              found));
}

Export public_half(const OpenKeys& open, const KeyEntry& key) {
  if (!key.info || key.info->type != hsm::KeyType::rsa_private)
    throw Failure(ExitCode::usage, key.label + " is no RSA pair: it has no public half");
  const hsm::RsaPublic half = open.keys.token().public_key(open.keys.token().find(key.label));
  say(fmt::format("fingerprint: {}", fingerprint(half)));
  return {public_key_pem(half), {{"what", "public key"}, {"fingerprint", fingerprint(half)}}};
}

Export as_block(const OpenKeys& open, const ExportArguments& arguments, const KeyEntry& key) {
  const auto letter = [](const std::string& text) { return text.empty() ? '\0' : text.front(); };
  const BlockOptions options{letter(arguments.block_version), arguments.usage,
                             letter(arguments.mode), letter(arguments.exportability),
                             arguments.with_kcv};
  const KeyEntry protecting = open.keys.find_usable(arguments.protected_by);
  const std::string block = export_block(open.keys, key, protecting, options);
  say("The device knows no key blocks: the clear key passed this process' locked memory.");
  return {block + "\n",
          {{"what", "key block"},
           {"block", block.substr(0, 16)},
           {"protected_by", protecting.label},
           {"window", "the clear key passed host memory"}}};
}

Export wrapped(const OpenKeys& open, const ExportArguments& arguments, const KeyEntry& key) {
  const bool is_file = std::filesystem::exists(arguments.wrap_with);
  const auto method = find_wrap_method(!arguments.method.empty() ? arguments.method
                                       : is_file                 ? "rsa-oaep-sha256"
                                                                 : "aes-kwp");
  if (!method)
    throw Failure(ExitCode::usage, "--method is aes-kw, aes-kwp, rsa-oaep-sha1 or rsa-oaep-sha256");
  WrappedKey out;
  if (is_file) {
    const auto receiver = parse_public_key_pem(read_text_file(arguments.wrap_with));
    if (!receiver)
      throw Failure(ExitCode::hold, arguments.wrap_with + ": no RSA public key in PEM");
    require_fingerprint(fingerprint(*receiver), arguments.fingerprint);
    out = wrap_for(open.keys, key, *receiver, *method);
  } else {
    out = wrap_under(open.keys, key, open.keys.find_usable(arguments.wrap_with), *method);
  }
  return {wrapped_key_text(out),
          {{"what", "wrapped key"}, {"method", out.method}, {"under", out.under}}};
}

/// A key that is out of use goes out on purpose alone; one that is not what the register says,
/// never.
void require_fit(const ExportArguments& arguments, const KeyEntry& key) {
  if (arguments.public_half) return;
  if (key.standing == KeyEntry::Standing::other)
    throw Failure(ExitCode::hold,
                  fmt::format("the register knows another key {} ({}), not this one", key.label,
                              key.row->kcv));
  if (key.row && key.row->state == KeyState::retired && !arguments.retired)
    throw Failure(ExitCode::hold,
                  fmt::format("{} is retired: --retired lets it leave all the same", key.label));
}

ExitCode export_key(const ExportArguments& arguments, const Invocation& invocation) {
  const int ways =
      arguments.public_half + !arguments.protected_by.empty() + !arguments.wrap_with.empty();
  if (ways != 1)
    throw Failure(ExitCode::usage,
                  "say how the key leaves: --public, --protected-by or --wrap-with");
  OpenKeys open = open_keys(arguments.place, invocation);
  const KeyEntry key = open.keys.find(arguments.place.name, arguments.place.chosen_version());
  Details details{{"party", arguments.place.party},
                  {"token", open.keys.token().label()},
                  {"key", key.id.name},
                  {"version", std::to_string(key.id.version)},
                  {"kcv", key.kcv}};
  try {
    require_fit(arguments, key);
    const Export out = arguments.public_half             ? public_half(open, key)
                       : !arguments.protected_by.empty() ? as_block(open, arguments, key)
                                                         : wrapped(open, arguments, key);
    Details all = details;
    all.insert(all.end(), out.details.begin(), out.details.end());
    open.keys.note("key export", "done", "", all);
    write_text(arguments.output, out.text);
  } catch (const std::exception& error) {
    open.keys.note("key export", "refused", error.what(), details);
    throw;
  }
  return ExitCode::done;
}

}  // namespace

void add_key_export(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = parent.add_subcommand("export", "Give a key out, protected by another");
  arguments->place.add_area(*command);
  arguments->place.add_name(*command);
  arguments->place.add_version(*command, "Which version (default: the current)");
  command->add_flag("--public", arguments->public_half, "The public half of an RSA pair, as PEM");
  command->add_option("--protected-by", arguments->protected_by,
                      "As a key block (X9.143, TR-31) under this protection key, by name");
  command
      ->add_option("--block-version", arguments->block_version,
                   "A, B, C or D (default: B under 3DES, D under AES)")
      ->check(CLI::IsMember({"A", "B", "C", "D"}));
  command->add_option("--usage", arguments->usage, "Key usage of the block (default: the role's)");
  command->add_option("--mode", arguments->mode, "Mode of use of the block (default: the role's)")
      ->check(CLI::IsMember({"B", "C", "D", "E", "G", "N", "S", "V", "X", "Y"}));
  command
      ->add_option("--exportability", arguments->exportability,
                   "What the receiver may do: N, E or S")
      ->capture_default_str()
      ->check(CLI::IsMember({"N", "E", "S"}));
  command->add_flag("--with-kcv", arguments->with_kcv,
                    "Check values of both keys in the block (KC, KP)");
  command->add_option(
      "--wrap-with", arguments->wrap_with,
      "Wrapped under the receiver's public key (a PEM file), or a key of the token");
  command->add_option("--method", arguments->method,
                      "aes-kw, aes-kwp, rsa-oaep-sha1 or rsa-oaep-sha256 (default: rsa-oaep-sha256 "
                      "under a public key, aes-kwp under a key)");
  command->add_option("--fingerprint", arguments->fingerprint,
                      "Of the public key, as its owner says (else it is asked for)");
  command->add_flag("--retired", arguments->retired, "A retired version may leave too");
  command->add_option("-o,--output", arguments->output, "File to write")->capture_default_str();
  add_pin_option(*command, invocation);
  command->footer(
      "Only keys that were made --exportable leave.\n"
      "Examples:  kpd key export TRANSPORT --area demo --public -o transport.pem\n"
      "           kpd key export IMK-AC --area demo --protected-by KBPK -o ac.tr31\n"
      "           kpd key export CVK --area demo --wrap-with transport.pem --fingerprint "
      "0123456789ABCDEF");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return export_key(*arguments, invocation); };
  });
}

}  // namespace kpd

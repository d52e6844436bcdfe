// kpd key generate: keys made by the device, or in components for envelopes.
#include <fmt/format.h>

#include "kpd/commands/key_command.h"
#include "kpd/keyring/envelope_files.h"
#include "kpd/keyring/terminal_desk.h"

namespace kpd {
namespace {

struct GenerateArguments {
  KeyPlace place;
  KeyOptions options;
  std::size_t bits = 0;  ///< 0: not said
  unsigned exponent = 65537;
  std::size_t components = 0;
  std::string envelopes;
  bool next = false;
};

/// Bits of an RSA key. Schemes certify issuers' keys of 1408 bits today, 1984 at most (EMV 4.4
/// Book 2, D2). Throws Failure(usage).
std::size_t rsa_bits(const GenerateArguments& arguments, const KeyRole& role) {
  constexpr std::size_t kUsual = 2048, kUsualIssuer = 1408, kLongestIssuer = 1984;
  const bool issuer = role.name == "ISSUER";
  const std::size_t bits = arguments.bits != 0 ? arguments.bits : (issuer ? kUsualIssuer : kUsual);
  if (bits % 8 != 0)
    throw Failure(ExitCode::usage,
                  fmt::format("--bits {}: a key has whole bytes: a multiple of 8", bits));
  if (issuer && bits > kLongestIssuer)
    throw Failure(ExitCode::usage,
                  fmt::format("--bits {}: schemes certify keys of issuers up to {} bits", bits,
                              kLongestIssuer));
  return bits;
}

hsm::Key by_device(hsm::Token& token, const GenerateArguments& arguments, const NewKey& wanted,
                   const std::string& label) {
  if (wanted.algorithm == KeyAlgorithm::rsa)
    return token.generate_rsa(rsa_bits(arguments, *wanted.role), arguments.exponent, wanted.usage,
                              label);
  return token.generate_secret(key_type(wanted.algorithm), key_size(wanted.algorithm), wanted.usage,
                               label);
}

KeyEntry in_components(OpenKeys& open, const GenerateArguments& arguments, NewKey wanted) {
  if (wanted.algorithm == KeyAlgorithm::rsa)
    throw Failure(ExitCode::usage, "RSA keys have no components");
  const CeremonyKey ceremony{wanted.name, wanted.role, wanted.algorithm, arguments.components,
                             false};
  open.keys.require_free(wanted);
  std::optional<TerminalDesk> desk;
  std::optional<EnvelopeFiles> files;
  std::vector<ComponentNote> given;
  if (arguments.envelopes.empty())
    desk.emplace();
  else
    files.emplace(arguments.envelopes);
  CeremonyResult result = make_components(
      open.keys.token(), ceremony,
      [&](std::size_t number, const hsm::Secret& text, const std::string& kcv,
          const std::string& whole) {
        if (desk)
          given.push_back({show_component(*desk, ceremony, number, text, kcv, given), kcv});
        else
          files->write(ceremony, number, text, kcv, whole);
      });
  for (std::size_t i = 0; i < given.size(); ++i) result.notes[i].custodian = given[i].custodian;
  wanted.origin = "components";
  wanted.audit = audit_of(result);
  wanted.audit.emplace_back("window", "the key and its components passed host memory");
  wanted.expected_kcv = emvcrypto::to_hex(usual_kcv(check_values(wanted.algorithm, result.key)));
  KeyEntry made = open.keys.make(wanted, [&](const std::string& label) {
    return open.keys.token().create_secret(key_type(wanted.algorithm), result.key, wanted.usage,
                                           label);
  });
  if (files) {
    files->keep();
    for (const auto& file : files->files())
      say(
          fmt::format("warning: {} holds a clear component: print it for its custodian, then wipe "
                      "it",
                      file.string()));
  }
  return made;
}

ExitCode generate(const GenerateArguments& arguments, const Invocation& invocation) {
  const KeyRole& role = arguments.options.role_of(arguments.place.name);
  NewKey wanted = arguments.options.wanted(arguments.place, arguments.options.algorithm(role));
  wanted.origin = "generated";
  wanted.action = "key generate";
  wanted.next_version = arguments.next;
  if (wanted.algorithm == KeyAlgorithm::rsa) (void)rsa_bits(arguments, role);
  if (!arguments.envelopes.empty() && arguments.components == 0)
    throw Failure(ExitCode::usage, "--envelope-dir is for --components");
  if (wanted.algorithm == KeyAlgorithm::rsa && arguments.options.exportable)
    throw Failure(ExitCode::usage, "a private key stays in its token");
  OpenKeys open = open_keys(arguments.place, invocation);
  const KeyEntry made = arguments.components > 0
                            ? in_components(open, arguments, std::move(wanted))
                            : open.keys.make(wanted, [&](const std::string& label) {
                                return by_device(open.keys.token(), arguments, wanted, label);
                              });
  report_key(made, "made", invocation);
  return ExitCode::done;
}

}  // namespace

void add_key_generate(CLI::App& parent, Invocation& invocation) {
  auto arguments = std::make_shared<GenerateArguments>();
  CLI::App* command = parent.add_subcommand("generate", "Make a key in the token");
  arguments->place.add_area(*command);
  arguments->place.add_name(*command);
  arguments->options.add_to(*command);
  command
      ->add_option("--bits", arguments->bits,
                   "RSA: length of the modulus (default: 2048, for ISSUER 1408)")
      ->check(CLI::Range(1024, 4096));
  command->add_option("--exponent", arguments->exponent, "RSA: public exponent, 3 or 65537")
      ->capture_default_str()
      ->check(CLI::IsMember({3U, 65537U}));
  command
      ->add_option("--components", arguments->components,
                   "Also give it out in so many components, 2 or 3")
      ->check(CLI::Range(2, 3));
  command->add_option(
      "--envelope-dir", arguments->envelopes,
      "Write the components to private files here (else: one by one on the terminal)");
  command->add_flag("--next", arguments->next, "As the next version of the key");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "Examples:  kpd key generate IMK-AC-2027 --area demo --role IMK-AC --from 2027-01-01\n"
      "           kpd key generate TRANSPORT --area demo --bits 2048\n"
      "           kpd key generate ZMK --area demo --role KEK1 --components 3");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return generate(*arguments, invocation); };
  });
}

}  // namespace kpd

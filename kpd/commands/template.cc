// kpd template: tools for those who write templates and jobs.
#include "kpd/commands/template_options.h"

namespace kpd {

std::map<std::string, std::string> parse_pairs(const std::vector<std::string>& pairs) {
  std::map<std::string, std::string> values;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Failure(ExitCode::usage, "--with takes NAME=VALUE, not '" + pair + "'");
    values[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return values;
}

void WorldOptions::add_to(CLI::App& command) {
  command.add_option("--templates", templates_,
                     "Folder of what a template extends (default: the one that it stands in)");
  command.add_option("--with", with_, "Value of a parameter, NAME=VALUE; may be repeated")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--functions", functions_, "Lua file with a job's own functions");
  command.add_option("--issuer-bits", issuer_bits_, "Length of the issuer's key (default: 1408)")
      ->check(CLI::Range(512, 1984));
  command
      .add_option("--ca-bits", ca_bits_,
                  "Length of the CA key above it (default: as long as the issuer's)")
      ->check(CLI::Range(512, 1984));
}

TemplateWorld WorldOptions::world() const {
  return {templates_, issuer_bits_, ca_bits_, parse_pairs(with_), functions_};
}

void add_template(CLI::App& app, Invocation& invocation) {
  CLI::App* command = app.add_subcommand("template", "Check, show, compare and start templates");
  command->require_subcommand(1);
  add_template_check(*command, invocation);
  add_template_show(*command, invocation);
  add_template_diff(*command, invocation);
  add_template_explain(*command, invocation);
  add_template_new(*command, invocation);
  command->footer("Example:  kpd template check templates/cards/*.yaml");
}

}  // namespace kpd

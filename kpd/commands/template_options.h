/// What the commands of `kpd template` share.
#pragma once

#include "kpd/commands/command.h"
#include "kpd/plan/compile.h"

namespace kpd {

void add_template_check(CLI::App& parent, Invocation& invocation);
void add_template_show(CLI::App& parent, Invocation& invocation);
void add_template_diff(CLI::App& parent, Invocation& invocation);
void add_template_explain(CLI::App& parent, Invocation& invocation);
void add_template_new(CLI::App& parent, Invocation& invocation);

/// NAME=VALUE, each once. Throws Failure(usage) for one without '='.
std::map<std::string, std::string> parse_pairs(const std::vector<std::string>& pairs);

/// --templates, --with, --functions, --issuer-bits, --ca-bits: what stands around a template.
class WorldOptions {
 public:
  void add_to(CLI::App& command);
  /// Throws Failure(usage) for a --with without '='.
  TemplateWorld world() const;

 private:
  std::string templates_, functions_;
  std::vector<std::string> with_;
  std::size_t issuer_bits_ = 1408, ca_bits_ = 0;
};

}  // namespace kpd

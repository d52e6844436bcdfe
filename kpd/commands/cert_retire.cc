// kpd cert retire: no job takes this certificate or CA key from now on.
#include <fmt/format.h>

#include "kpd/certificates/certificate_register.h"
#include "kpd/commands/cert_options.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

struct RetireOptions {
  AreaOptions area;
  std::string name;
  bool ca = false;
};

ExitCode run_retire(const RetireOptions& options) {
  check_file_name(options.name);
  const Area area = options.area.open();
  const fs::path file =
      area.folder() / (options.ca ? kCaFolder : kIssuerFolder) / (options.name + ".yaml");
  const char* kind = options.ca ? "ca-key" : "issuer-certificate";
  if (!fs::exists(file) || kind_of(file) != kind)
    throw Failure(ExitCode::usage, file.string() + ": there is none: kpd cert list tells them");
  auto registered = CertificateRegister::open(area.folder() / kCertificateRegister);
  const CertificateRegister::Lock lock(registered);
  const std::string day = options.area.today().iso();
  retire_file(file, day);
  note(area, "cert retire", "done", {{options.ca ? "ca" : "issuer", options.name}});
  say(fmt::format("{}: retired on {}: no job takes it any more", options.name, day));
  return ExitCode::done;
}

}  // namespace

void add_cert_retire(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<RetireOptions>();
  CLI::App* command =
      parent.add_subcommand("retire", "Take a certificate or CA key out of use, for good");
  command->add_option("NAME", options->name, "As kpd cert list names it")->required();
  command->add_flag("--ca", options->ca, "It is a CA key");
  options->area.add_to(*command);
  options->area.add_date_to(*command);
  command->footer("Example:  kpd cert retire gold --area demo/area.yaml");
  command->callback(
      [options, &invocation] { invocation.action = [options] { return run_retire(*options); }; });
}

}  // namespace kpd

// kpd cert serials: which job has which certificate serials.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/certificate_register.h"
#include "kpd/commands/cert_options.h"

namespace kpd {
namespace {

struct SerialOptions {
  AreaOptions area;
  std::string release;
};

ExitCode run_release(const Area& area, const std::string& digest) {
  const auto count =
      CertificateRegister::open(area.folder() / kCertificateRegister).release(digest);
  if (count == 0)
    throw Failure(ExitCode::usage, "no job has serials under a plan that starts with '" + digest +
                                       "' (8 digits at least)");
  note(area, "cert serials release", "done", {{"plan", digest}});
  say(fmt::format("{} ranges are free again", count));
  return ExitCode::done;
}

ExitCode run_serials(const SerialOptions& options, bool json) {
  const Area area = options.area.open();
  if (!options.release.empty()) return run_release(area, options.release);
  auto known = CertificateRegister::read(area.folder() / kCertificateRegister);
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  if (known)
    for (const SerialRange& range : known->serials()) {
      rows.push_back({{"issuer", range.issuer},
                      {"key", range.key},
                      {"first", range.first},
                      {"last", range.last},
                      {"job", range.job},
                      {"plan", range.digest},
                      {"date", range.made},
                      {"used", range.used}});
      if (!json)
        fmt::print("{:<16} key {}  {:>8} to {:>8}  job {} of {} (plan {}){}\n", range.issuer,
                   range.key.substr(0, 8), range.first, range.last, range.job, range.made,
                   range.digest.substr(0, 16), range.used ? "  used" : "");
    }
  if (json) std::cout << rows.dump(2) << "\n";
  return ExitCode::done;
}

}  // namespace

void add_cert_serials(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<SerialOptions>();
  CLI::App* command =
      parent.add_subcommand("serials", "Which job has which serials of cards' certificates");
  command->add_option("--release", options->release,
                      "Free the serials of the plan whose digest starts so: none of its cards "
                      "was made");
  options->area.add_to(*command);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd cert serials --area demo/area.yaml");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_serials(*options, invocation.json); };
  });
}

}  // namespace kpd

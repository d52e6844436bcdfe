// kpd cert import: a scheme's answer becomes an issuer's certificate.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/check_response.h"
#include "kpd/commands/cert_options.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;
using emvcrypto::to_hex;

struct ImportOptions {
  AreaOptions area;
  std::string file, issuer;
};

/// Names of responses may end with the CA key's index (".c06", ".I94"): it is that of the file.
void check_name(const fs::path& file, const IssuerResponse& response) {
  const std::string end = file.extension().string();
  if (end.size() != 4 || std::string_view("cCiI").find(end[1]) == std::string_view::npos) return;
  const auto index = emvcrypto::parse_hex(end.substr(2));
  if (index && (*index)[0] != response.ca_index)
    refuse(file.string(),
           {"cert-ca-index", fmt::format("the file's name says CA key {}, its content {:02X}",
                                         end.substr(2), response.ca_index)});
}

ImportWorld world_of(const Area& area, hsm::Token& token, const emvcrypto::Date& today) {
  ImportWorld world;
  for (StoredCaKey& stored : stored_ca_keys(area.folder()))
    world.authorities.push_back(std::move(stored.ca));
  world.own = own_keys(token);
  if (auto known = CertificateRegister::read(area.folder() / kCertificateRegister))
    world.requests = known->requests();
  world.today = today;
  world.test = area.test();
  if (fs::exists(area.folder() / kTestKeyList)) world.test_keys.add(area.folder() / kTestKeyList);
  return world;
}

std::string text_of(const GoodResponse& good, const std::string& name) {
  const IssuerResponse& response = good.response;
  return issuer_text({fmt::format("Issuer '{}' until {}", name, response.last_day.iso()),
                      good.own.uri, response.content.issuer_id, good.ca.rid, good.ca.index,
                      good.own.key, response.certificate, response.remainder});
}

/// Where the certificate goes; nothing when the same one is there already.
std::optional<fs::path> place_for(const Area& area, const GoodResponse& good,
                                  const std::string& name) {
  for (const StoredCertificate& stored : stored_certificates(area.folder()))
    if (stored.issuer.certificate == good.response.certificate) return std::nullopt;
  const fs::path file = area.folder() / kIssuerFolder / (name + ".yaml");
  if (fs::exists(file))
    throw Failure(ExitCode::usage, file.string() +
                                       ": another certificate has this name: give this "
                                       "one another with --issuer");
  return file;
}

void report(const GoodResponse& good, const std::string& name, bool fresh, bool json) {
  const emvcrypto::IssuerCertificate& content = good.response.content;
  if (json) {
    std::cout << nlohmann::ordered_json{{"issuer", name},
                                        {"imported", fresh},
                                        {"key", good.own.uri},
                                        {"issuer_id", to_hex(content.issuer_id)},
                                        {"serial", to_hex(content.serial)},
                                        {"expiry", good.response.last_day.iso()},
                                        {"rid", to_hex(good.ca.rid)},
                                        {"ca_index", fmt::format("{:02X}", good.ca.index)},
                                        {"remarks", good.remarks}}
                     .dump(2)
              << "\n";
    return;
  }
  say(fmt::format("{}: {}: certificate {} of {} under CA key {} {:02X}, until {}", name,
                  fresh ? "imported" : "known already", to_hex(content.serial), good.own.uri,
                  to_hex(good.ca.rid), good.ca.index, good.response.last_day.iso()));
  for (const std::string& remark : good.remarks) say("  remark: " + remark);
}

GoodResponse check(const ImportOptions& options, const Area& area, hsm::Token& token) {
  const Bytes file = read_small_file(options.file);
  auto good = check_response(file, world_of(area, token, options.area.today()));
  try {
    if (!good) refuse(options.file, good.error());
    check_name(options.file, good->response);
  } catch (const Failure& failure) {
    note(area, "cert import", "refused", {{"file", fs::path(options.file).filename().string()}},
         failure.what());
    throw;
  }
  return std::move(*good);
}

ExitCode run_import(const ImportOptions& options, const Invocation& invocation) {
  if (!options.issuer.empty()) check_file_name(options.issuer);
  Area area = options.area.open();
  const auto pins = make_pin_source(invocation);
  const auto token = area.open(kPreparation, *pins);
  const GoodResponse good = check(options, area, *token);
  std::string name = options.issuer;
  if (name.empty() && good.request) name = good.request->issuer;
  if (name.empty())
    throw Failure(ExitCode::usage, options.file +
                                       ": no request tells the issuer's name: give it "
                                       "with --issuer");
  auto registered = CertificateRegister::open(area.folder() / kCertificateRegister);
  const CertificateRegister::Lock lock(registered);
  const auto place = place_for(area, good, name);
  if (place) {
    write_whole(*place, text_of(good, name));
    note(area, "cert import", "done",
         {{"issuer", name},
          {"key", good.own.uri},
          {"serial", to_hex(good.response.content.serial)}});
  }
  report(good, name, place.has_value(), invocation.json);
  return ExitCode::done;
}

}  // namespace

void add_cert_import(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      parent.add_subcommand("import", "Take a scheme's answer, checked in every part");
  command->add_option("FILE", options->file, "The file from the scheme")->required();
  command->add_option("--issuer", options->issuer,
                      "Name of the issuer (default: that of the request)");
  options->area.add_to(*command);
  options->area.add_date_to(*command);
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd cert import 476174-000001.c06 --area demo/area.yaml");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_import(*options, invocation); };
  });
}

}  // namespace kpd

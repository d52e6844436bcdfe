#include "kpd/area/test_area.h"

#include <fmt/format.h>

#include "kpd/area/area.h"
#include "kpd/area/area_plan.h"
#include "kpd/files/atomic_file.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& file, const std::string& text) {
  AtomicFile out(file);
  out.stream() << text;
  out.commit();
}

std::string find_module(const YamlNode& node) {
  for (const YamlNode& candidate : node.list())
    if (fs::exists(candidate.text())) return candidate.text();
  node.fail("none of these libraries is installed: apt-get install softhsm2");
}

/// The folder, private to its owner, and a SoftHSM configuration that keeps tokens inside it.
void make_folder(const fs::path& folder) {
  if (fs::exists(folder) && !fs::is_empty(folder))
    throw Failure(ExitCode::usage, folder.string() + " is not empty: name a new folder");
  std::error_code error;
  fs::create_directories(folder / "tokens", error);
  if (error) throw Failure(ExitCode::io, folder.string() + ": " + error.message());
  fs::permissions(folder, fs::perms::owner_all);
  fs::permissions(folder / "tokens", fs::perms::owner_all);
  for (const char* name : {"ca", "issuers", "out"}) fs::create_directory(folder / name);
  write_file(
      folder / "softhsm2.conf",
      fmt::format("directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n"
                  "slots.removable = false\n",
                  fs::absolute(folder / "tokens").string()));
}

}  // namespace

AreaReport make_test_area(const fs::path& folder, const fs::path& plan_file, hsm::PinSource& pins) {
  const AreaPlan plan = read_area_plan(plan_file);
  make_folder(folder);
  std::string area = fmt::format(
      "# yaml-language-server: $schema=templates/schema/area.schema.json\n"
      "# The parties of this work area and their tokens.\nkind: area\ntest: {}\nmodule: {}\n"
      "environment: {{SOFTHSM2_CONF: softhsm2.conf}}\n"
      "# What the device cannot do inside passes host memory when cards are loaded and tested.\n"
      "host_window: allow\nparties:\n",
      plan.test, find_module(plan.modules));
  for (const auto& [party, label] : plan.tokens) area += fmt::format("  {}: {}\n", party, label);
  write_file(folder / "area.yaml", area);

  Area opened = Area::read(folder / "area.yaml");
  TokensByParty by_party;
  for (const auto& [party, label] : plan.tokens) {
    const hsm::Secret pin = pins.pin(label);
    opened.module()->init_token(label, pin, pin);
    by_party[party] = opened.open(party, pins);
  }
  AreaReport report;
  for (const SharedKey& key : plan.keys) {
    const emvcrypto::Bytes kcv = distribute(key, by_party);
    std::string holders;
    for (const KeyHolder& holder : key.holders)
      holders += (holders.empty() ? "" : ", ") + holder.party;
    report.keys.push_back({key.role, emvcrypto::to_hex(kcv), holders});
  }
  hsm::Token& ca_token = *by_party.at(std::string(kSchemeCa));
  hsm::Token& issuer_token = *by_party.at(std::string(kPreparation));
  for (const TestAuthority& authority : plan.authorities) {
    make_authority(authority, ca_token, folder / "ca" / (authority.name + ".yaml"));
    report.authorities.push_back(authority.name);
  }
  for (const TestIssuer& issuer : plan.issuers) {
    const TestAuthority* authority = nullptr;
    for (const TestAuthority& candidate : plan.authorities)
      if (candidate.name == issuer.authority) authority = &candidate;
    if (authority == nullptr)
      throw ConfigError(plan_file.string() + ": issuer '" + issuer.name + "' names no authority");
    make_issuer(issuer, *authority, ca_token, issuer_token,
                folder / "issuers" / (issuer.name + ".yaml"));
    report.issuers.push_back(issuer.name);
  }
  return report;
}

}  // namespace kpd

#include "kpd/area/test_area.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "kpd/area/area.h"
#include "kpd/area/area_plan.h"
#include "kpd/area/chip_profile.h"
#include "kpd/device/device_profile.h"
#include "kpd/files/atomic_file.h"
#include "kpd/keyring/public_key.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDeviceFile = "device.yaml";  // the area's own copy of the profile

void write_file(const fs::path& file, const std::string& text) {
  AtomicFile out(file);
  out.stream() << text;
  out.commit();
}

/// The profile as it stands in the area: its schema is elsewhere from there.
std::string profile_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  constexpr std::string_view kThere = "$schema=../schema/", kHere = "$schema=templates/schema/";
  if (const std::size_t at = text.find(kThere); at != std::string::npos)
    text.replace(at, kThere.size(), kHere);
  return text;
}

void make_private(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Failure(ExitCode::io, folder.string() + ": " + error.message());
  fs::permissions(folder, fs::perms::owner_all);
}

/// The folder, private to its owner, with what the device keeps there.
void make_folder(const fs::path& folder, const DeviceProfile& device, const AreaPlan& plan) {
  if (fs::exists(folder) && !fs::is_empty(folder))
    throw Failure(ExitCode::usage, folder.string() + " is not empty: name a new folder");
  make_private(folder);
  for (const char* name : {"ca", "issuers", "out"}) fs::create_directory(folder / name);
  for (const std::string& inside : device.folders)
    for (const auto& [party, label] : plan.tokens)
      make_private(folder / device_text(inside, folder, label));
  for (const auto& [name, text] : device.files)
    write_file(folder / name, device_text(text, folder, ""));
}

/// The role of K(IC), for plans whose personaliser also does the manufacturer's steps.
std::string chip_role_text(const AreaPlan& plan) {
  std::string labels;
  for (const SharedKey& key : plan.keys) {
    const bool held = std::ranges::any_of(
        key.holders, [](const KeyHolder& holder) { return holder.party == kPersonaliser; });
    if (!held || (key.role != kChipLabel && key.role != kAesChipLabel)) continue;
    labels += fmt::format("{}{}: {}", labels.empty() ? "" : ", ",
                          key.role == kChipLabel ? "des" : "aes", key.role);
  }
  return labels.empty() ? "" : fmt::format("key_roles: {{chip: {{{}}}}}\n", labels);
}

std::string area_text(const DeviceProfile& device, const AreaPlan& plan) {
  std::string environment;
  for (const auto& [name, path] : device.environment)
    environment += (environment.empty() ? "" : ", ") + name + ": " + path;
  std::string text = fmt::format(
      "# yaml-language-server: $schema=templates/schema/area.schema.json\n"
      "# The parties of this work area and their tokens.\nkind: area\ntest: {}\n"
      "device: {}\nmodule: {}\n{}"
      "# What the device cannot do inside passes host memory when cards are loaded and tested.\n"
      "host_window: allow\nparties:\n",
      plan.test, kDeviceFile, device.find_module(),
      environment.empty() ? "" : "environment: {" + environment + "}\n");
  for (const auto& [party, label] : plan.tokens) text += fmt::format("  {}: {}\n", party, label);
  return text + chip_role_text(plan);
}

/// A pair of the token, for the key register; nothing where the token has none of this label.
void report_pair(AreaReport& report, hsm::Token& token, const std::string& label,
                 const std::string& role) {
  const auto pair = token.try_find("pkcs11:object=" + label + ";type=private");
  const bool known = std::any_of(report.pairs.begin(), report.pairs.end(), [&](const auto& line) {
    return line.token == token.label() && line.label == label;
  });
  if (pair && !known)
    report.pairs.push_back({token.label(), label, role, fingerprint(token.public_key(*pair))});
}

}  // namespace

AreaReport make_test_area(const fs::path& folder, const fs::path& plan_file, hsm::PinSource& pins,
                          const std::string& device) {
  const AreaPlan plan = read_area_plan(plan_file);
  const fs::path profile_file =
      find_device_profile(device.empty() ? plan.device : device, plan_file.parent_path());
  const DeviceProfile profile = read_device_profile(profile_file);
  (void)profile.find_module();  // before anything is made
  make_folder(folder, profile, plan);
  write_file(folder / kDeviceFile, profile_text(profile_file));
  write_file(folder / "area.yaml", area_text(profile, plan));

  Area opened = Area::read(folder / "area.yaml");
  TokensByParty by_party;
  // All before the first log-in, since some devices let nobody else in after that; parties may
  // share a token where a device has but one.
  std::set<std::string> made;
  for (const auto& [party, label] : plan.tokens) {
    if (!profile.making || !made.insert(label).second) continue;
    const hsm::Secret pin = pins.pin(label);
    opened.module()->init_token(label, pin, pin, *profile.making);
  }
  for (const auto& [party, label] : plan.tokens) by_party[party] = opened.open(party, pins);
  AreaReport report;
  for (const SharedKey& key : plan.keys) {
    const emvcrypto::Bytes kcv = distribute(key, by_party);
    std::string holders;
    for (const KeyHolder& holder : key.holders)
      holders += (holders.empty() ? "" : ", ") + holder.party;
    report.keys.push_back({key.role, emvcrypto::to_hex(kcv), holders});
  }
  for (const auto& [party, token] : by_party)
    report_pair(report, *token, kTransportPair, kTransportPair);
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
    report_pair(report, issuer_token, issuer_label(issuer.name), "ISSUER");
    report.issuers.push_back(issuer.name);
  }
  return report;
}

}  // namespace kpd

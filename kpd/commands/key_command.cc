#include "kpd/commands/key_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>

#include "kpd/area/operators.h"
#include "kpd/files/atomic_file.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

std::optional<emvcrypto::Date> read_day(const std::string& option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto date = emvcrypto::parse_iso_date(text);
  if (!date)
    throw Failure(ExitCode::usage,
                  fmt::format("{} {}: a date is written as 2026-11-22", option, text));
  return date;
}

nlohmann::ordered_json kcvs_json(const hsm::CheckValues& values) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const KcvMethod method : {KcvMethod::zeros, KcvMethod::ones, KcvMethod::cmac})
    if (const auto& value = kcv_by(values, method); !value.empty())
      json[std::string(kcv_method_name(method))] = emvcrypto::to_hex(value);
  return json;
}

}  // namespace

void KeyPlace::add_area(CLI::App& command) {
  command.add_option("--area", area, "Work area: its folder or its area.yaml (default: here)");
  command.add_option("--party", party, "Whose token")->capture_default_str();
}

void KeyPlace::add_name(CLI::App& command) {
  command.add_option("NAME", name, "Name of the key")->required();
}

void KeyPlace::add_version(CLI::App& command, const std::string& what) {
  command.add_option("--version", version, what)->check(CLI::Range(1, 9999));
}

std::optional<unsigned> KeyPlace::chosen_version() const {
  return version == 0 ? std::nullopt : std::optional(version);
}

OpenKeys open_keys(const KeyPlace& place, const Invocation& invocation) {
  if (!place.name.empty()) check_key_name(place.name);
  const fs::path path = place.area;
  Area area = Area::read(fs::is_directory(path) ? path / "area.yaml" : path);
  auto pins = make_pin_source(invocation);
  auto token = area.open(place.party, *pins);
  Keyring keys(place.party, std::move(token), area.register_file(),
               AuditLog(area.audit_file(), current_actor()));
  return {std::move(area), std::move(pins), std::move(keys)};
}

void KeyTerm::add_to(CLI::App& command) {
  command.add_option("--from", from_text, "First day of use, as 2026-11-22");
  command.add_option("--until", until_text, "Last day of use");
  command.add_flag("--pending", pending,
                   "Not the current version yet: `kpd key rotate` makes it so");
}

std::optional<emvcrypto::Date> KeyTerm::from() const {
  return read_day("--from", from_text);
}

std::optional<emvcrypto::Date> KeyTerm::until() const {
  const auto last = read_day("--until", until_text);
  if (const auto first = from(); first && last && *last < *first)
    throw Failure(ExitCode::usage, "--until lies before --from");
  return last;
}

void KeyOptions::add_to(CLI::App& command) {
  command.add_option("--role", role, "What the key is for (default: its name): " + role_names());
  command.add_option("--type", type,
                     "des2, des3, aes128, aes192, aes256 or rsa (default: the role's first)");
  command.add_option("--use", use,
                     "What it may do, as 'encrypt,derive', within its role (default: the least)");
  command.add_flag("--exportable", exportable, "It may leave its token, wrapped");
  term.add_to(command);
}

const KeyRole& KeyOptions::role_of(const std::string& name) const {
  const KeyRole* found = find_role(role.empty() ? name : role);
  if (found == nullptr)
    throw Failure(ExitCode::usage, fmt::format("no role is called '{}': say one with --role ({})",
                                               role.empty() ? name : role, role_names()));
  return *found;
}

KeyAlgorithm KeyOptions::algorithm(const KeyRole& of) const {
  if (type.empty()) return of.algorithms.front();
  const auto found = find_algorithm(type);
  if (found && std::find(of.algorithms.begin(), of.algorithms.end(), *found) != of.algorithms.end())
    return *found;
  std::string names;
  for (const KeyAlgorithm one : of.algorithms)
    names += (names.empty() ? "" : ", ") + std::string(algorithm_name(one));
  throw Failure(ExitCode::usage,
                fmt::format("--type {}: a key of the role {} is one of {}", type, of.name, names));
}

NewKey KeyOptions::wanted(const KeyPlace& place, KeyAlgorithm algorithm) const {
  NewKey key;
  key.name = place.name;
  key.role = &role_of(place.name);
  key.algorithm = algorithm;
  key.usage = role_usage(*key.role, place.party, use);
  key.usage.extractable = exportable;
  key.from = term.from();
  key.until = term.until();
  key.state = term.pending ? KeyState::pending : KeyState::current;
  return key;
}

std::string read_text_file(const std::string& file, std::size_t limit) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Failure(ExitCode::io, file + ": cannot be opened");
  std::string text(limit + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) throw Failure(ExitCode::io, file + ": cannot be read");
  if (text.size() > limit) throw Failure(ExitCode::hold, file + ": too long for what it should be");
  return text;
}

void write_text(const std::string& file, const std::string& text) {
  if (file == "-") {
    std::cout << text;
    if (!std::cout.flush()) throw Failure(ExitCode::io, "the output cannot be written to its end");
    return;
  }
  AtomicFile out(file);
  out.stream() << text;
  out.commit();
}

nlohmann::ordered_json to_json(const KeyEntry& entry) {
  nlohmann::ordered_json json{{"name", entry.id.name},
                              {"version", entry.id.version},
                              {"label", entry.label},
                              {"standing", standing_name(entry.standing)},
                              {"kcv", entry.kcv}};
  if (entry.info) {
    const auto algorithm = algorithm_of(entry.info->type, entry.info->size);
    json["algorithm"] = algorithm ? algorithm_name(*algorithm) : "other";
    json["bits"] = 8 * entry.info->size;
    json["kcvs"] = kcvs_json(entry.kcvs);
    json["uses"] = usage_text(entry.info->usage);
    json["exportable"] = entry.info->usage.extractable;
  }
  if (entry.row) {
    const KeyRow& row = *entry.row;
    json["role"] = row.role;
    json["exportability"] = std::string(1, row.exportability);
    json["state"] = state_name(row.state);
    if (row.from) json["from"] = row.from->iso();
    if (row.until) json["until"] = row.until->iso();
    json["origin"] = row.origin;
    json["made"] = {{"at", row.made_at}, {"by", row.made_by}};
    json["changed"] = {{"at", row.changed_at}, {"by", row.changed_by}};
    if (entry.standing == KeyEntry::Standing::other) json["registered_kcv"] = row.kcv;
  }
  return json;
}

void report_key(const KeyEntry& entry, const std::string& done, const Invocation& invocation) {
  if (invocation.json) {
    std::cout << to_json(entry).dump(2) << "\n";
    return;
  }
  say(fmt::format("{}: {}, KCV {}", entry.label, done,
                  entry.kcvs.zeros.empty() ? entry.kcv : kcv_text(entry.kcvs)));
}

std::vector<std::pair<std::string, std::string>> audit_of(const CeremonyResult& result) {
  std::vector<std::pair<std::string, std::string>> details;
  for (std::size_t i = 0; i < result.notes.size(); ++i) {
    const ComponentNote& note = result.notes[i];
    details.emplace_back(
        fmt::format("component_{}", i + 1),
        note.custodian.empty() ? note.kcv : fmt::format("{} by {}", note.kcv, note.custodian));
  }
  return details;
}

}  // namespace kpd

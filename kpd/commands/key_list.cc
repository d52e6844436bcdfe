// kpd key list, show.
#include <fmt/format.h>

#include <iostream>

#include "kpd/commands/key_command.h"
#include "kpd/keyring/public_key.h"

namespace kpd {
namespace {

std::string state_of(const KeyEntry& entry) {
  if (entry.standing != KeyEntry::Standing::registered)
    return std::string(standing_name(entry.standing));
  return std::string(state_name(entry.row->state));
}

std::string algorithm_of_entry(const KeyEntry& entry) {
  if (!entry.info) return entry.row ? entry.row->algorithm : "";
  const auto algorithm = algorithm_of(entry.info->type, entry.info->size);
  if (algorithm == KeyAlgorithm::rsa) return fmt::format("rsa{}", 8 * entry.info->size);
  return algorithm ? std::string(algorithm_name(*algorithm)) : "other";
}

std::string term_of(const KeyEntry& entry) {
  if (!entry.row || (!entry.row->from && !entry.row->until)) return "";
  return fmt::format("{} .. {}", entry.row->from ? entry.row->from->iso() : "",
                     entry.row->until ? entry.row->until->iso() : "");
}

void print_list(const std::vector<KeyEntry>& entries) {
  constexpr auto kLine = "{:<16}{:>3}  {:<8}{:<17} {:<13}{:<10}{}\n";
  std::string text = fmt::format(kLine, "name", "ver", "type", "KCV", "state", "role", "valid");
  for (const KeyEntry& entry : entries)
    text +=
        fmt::format(kLine, entry.id.name, entry.id.version, algorithm_of_entry(entry), entry.kcv,
                    state_of(entry), entry.row ? entry.row->role : "", term_of(entry));
  std::cout << text;
}

ExitCode list(const KeyPlace& place, bool all, const Invocation& invocation) {
  const OpenKeys open = open_keys(place, invocation);
  std::vector<KeyEntry> entries = open.keys.list();
  if (!all)
    std::erase_if(entries, [](const KeyEntry& entry) {
      return entry.standing == KeyEntry::Standing::destroyed;
    });
  if (invocation.json) {
    nlohmann::ordered_json keys = nlohmann::ordered_json::array();
    for (const KeyEntry& entry : entries) keys.push_back(to_json(entry));
    std::cout << nlohmann::ordered_json{{"party", place.party},
                                        {"token", open.keys.token().label()},
                                        {"keys", keys}}
                     .dump(2)
              << "\n";
    return ExitCode::done;
  }
  print_list(entries);
  for (const KeyEntry& entry : entries)
    if (entry.standing == KeyEntry::Standing::other)
      say(fmt::format("{}: the register knows another key by this label, of KCV {}", entry.label,
                      entry.row->kcv));
  return ExitCode::done;
}

ExitCode show(const KeyPlace& place, const Invocation& invocation) {
  const OpenKeys open = open_keys(place, invocation);
  const KeyEntry entry = open.keys.find(place.name, place.chosen_version());
  nlohmann::ordered_json json = to_json(entry);
  if (entry.info && entry.info->type == hsm::KeyType::rsa_private) {
    const hsm::RsaPublic half = open.keys.token().public_key(open.keys.token().find(entry.label));
    json["fingerprint"] = fingerprint(half);
    json["modulus"] = emvcrypto::to_hex(half.modulus);
    json["exponent"] = emvcrypto::to_hex(half.exponent);
  }
  if (invocation.json) {
    std::cout << json.dump(2) << "\n";
    return ExitCode::done;
  }
  for (const auto& [name, value] : json.items()) {
    if (value.is_object()) {
      std::string parts;
      for (const auto& [inner, part] : value.items())
        parts += (parts.empty() ? "" : ", ") + fmt::format("{} {}", inner, part.get<std::string>());
      std::cout << fmt::format("{:<15}{}\n", name, parts);
    } else {
      std::cout << fmt::format("{:<15}{}\n", name,
                               value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  return ExitCode::done;
}

}  // namespace

void add_key_list(CLI::App& parent, Invocation& invocation) {
  auto place = std::make_shared<KeyPlace>();
  auto all = std::make_shared<bool>(false);
  CLI::App* command = parent.add_subcommand("list", "Show the keys of a party's token");
  place->add_area(*command);
  command->add_flag("--all", *all, "Destroyed keys too");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd key list -- --area demoparty personaliser");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return list(*place, *all, invocation); };
  });
}

void add_key_show(CLI::App& parent, Invocation& invocation) {
  auto place = std::make_shared<KeyPlace>();
  CLI::App* command = parent.add_subcommand("show", "Show all that is known of a key");
  place->add_area(*command);
  place->add_name(*command);
  place->add_version(*command, "Which version (default: the current)");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd key show IMK-AC --area demo --version 2");
  command->callback([=, &invocation] {
    invocation.action = [=, &invocation] { return show(*place, invocation); };
  });
}

}  // namespace kpd

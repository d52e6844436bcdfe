#include "kpd/keyring/roles.h"

#include <fmt/format.h>

#include <array>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

struct Flag {
  std::string_view name;
  bool hsm::Usage::*flag;
};

constexpr std::array kFlags{
    Flag{"encrypt", &hsm::Usage::encrypt}, Flag{"decrypt", &hsm::Usage::decrypt},
    Flag{"wrap", &hsm::Usage::wrap},       Flag{"unwrap", &hsm::Usage::unwrap},
    Flag{"derive", &hsm::Usage::derive},   Flag{"sign", &hsm::Usage::sign},
    Flag{"verify", &hsm::Usage::verify}};

hsm::Usage parse_usage(std::string_view text) {
  hsm::Usage usage;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    const std::string_view word = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    bool known = false;
    for (const Flag& flag : kFlags)
      if (flag.name == word) known = usage.*flag.flag = true;
    if (!known)
      throw Failure(ExitCode::usage,
                    fmt::format("no use of a key is called '{}': say encrypt, decrypt, wrap, "
                                "unwrap, derive or sign",
                                word));
  }
  return usage;
}

const RoleUse& use_of(const KeyRole& role, std::string_view party) {
  for (const RoleUse& use : role.uses)
    if (use.party == party || use.party.empty()) return use;
  return role.uses.back();
}

}  // namespace

const KeyRole* find_role(std::string_view name) {
  for (const KeyRole& role : key_roles())
    if (role.name == name) return &role;
  return nullptr;
}

std::string role_names() {
  std::string names;
  for (const KeyRole& role : key_roles())
    names += (names.empty() ? "" : ", ") + std::string(role.name);
  return names;
}

hsm::Usage role_usage(const KeyRole& role, std::string_view party, std::string_view asked) {
  const RoleUse& use = use_of(role, party);
  if (asked.empty()) return parse_usage(use.usual);
  const hsm::Usage usage = parse_usage(asked);
  const hsm::Usage most = parse_usage(use.most);
  for (const Flag& flag : kFlags)
    if (usage.*flag.flag && !(most.*flag.flag))
      throw Failure(ExitCode::usage,
                    fmt::format("a key of the role {} may not {} at '{}': it may {}", role.name,
                                flag.name, party, usage_text(most)));
  return usage;
}

std::string usage_text(const hsm::Usage& usage) {
  std::string text;
  for (const Flag& flag : kFlags)
    if (usage.*flag.flag) text += (text.empty() ? "" : ", ") + std::string(flag.name);
  return text.empty() ? "nothing" : text;
}

}  // namespace kpd

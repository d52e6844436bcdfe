#include "kpd/keyring/job_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/keyring/key_label.h"
#include "kpd/keyring/roles.h"

namespace kpd {
namespace {

using emvcrypto::Expected;
using emvcrypto::fault;

/// Version of a key without rows: there must be one alone.
Expected<std::string> only_version(hsm::Token& token, const std::string& name) {
  std::vector<std::string> labels;
  for (const hsm::KeyInfo& info : token.list())
    if (info.type != hsm::KeyType::rsa_public && parse_key_label(info.label).name == name)
      labels.push_back(info.label);
  if (labels.size() == 1) return labels.front();
  if (labels.empty())
    return fault("key-version",
                 fmt::format("the token \"{}\" has no key '{}'", token.label(), name));
  return fault("key-version",
               fmt::format("the token \"{}\" has {} versions of '{}' and the register knows none: "
                           "name one, or register them",
                           token.label(), labels.size(), name));
}

}  // namespace

Expected<std::string> job_key_label(hsm::Token& token, const std::vector<KeyRow>& rows,
                                    const std::string& name, std::optional<unsigned> version) {
  if (version) return label_text({name, *version});
  bool known = false;
  for (const KeyRow& row : rows) {
    if (row.name != name || row.state == KeyState::destroyed) continue;
    if (row.state == KeyState::current) return row.label;
    known = true;
  }
  if (!known) return only_version(token, name);
  return fault("key-version",
               fmt::format("no version of '{}' is current: `kpd key list` shows them, `kpd key "
                           "rotate` makes one current",
                           name));
}

std::optional<std::string> key_objection(const std::vector<KeyRow>& rows, const std::string& label,
                                         const std::string& kcv, const std::string& job_role,
                                         const std::optional<emvcrypto::Date>& day) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const KeyRow& one) {
    return one.label == label && one.state != KeyState::destroyed;
  });
  if (row == rows.end()) {
    const bool destroyed = std::any_of(rows.begin(), rows.end(), [&](const KeyRow& one) {
      return one.label == label && one.kcv == kcv;
    });
    if (destroyed) return fmt::format("the key {} ({}) counts as destroyed", label, kcv);
    return std::nullopt;
  }
  if (row->kcv != kcv)
    return fmt::format("the register knows the key {} by the check value {}, the token has {}",
                       label, row->kcv, kcv);
  if (row->state == KeyState::retired || row->state == KeyState::pending)
    return fmt::format("the key {} is {}", label, state_name(row->state));
  if (day && row->until && *day > *row->until)
    return fmt::format("the key {} has expired on {}", label, row->until->iso());
  if (day && row->from && *day < *row->from)
    return fmt::format("the key {} is valid from {} only", label, row->from->iso());
  if (row->role != job_role && find_role(job_role) != nullptr)
    return fmt::format("the key {} was made for the role {}, not {}", label, row->role, job_role);
  return std::nullopt;
}

}  // namespace kpd

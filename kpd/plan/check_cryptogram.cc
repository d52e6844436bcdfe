// The cryptogram version against 9F10 and CDOL1 (EMV 4.4 Book 2, 8.1).
#include <fmt/format.h>

#include <algorithm>

#include "kpd/plan/application_check.h"

namespace kpd {

namespace {

void check_cdol1(const ApplicationCheck& check, const ElementPlan& list,
                 const emvcrypto::CryptogramVersion& version) {
  const auto entries = emvcrypto::parse_dol(list.value);
  if (!entries) return;
  for (const Tag tag : version.terminal_data)
    if (std::none_of(entries->begin(), entries->end(),
                     [&](const emvcrypto::DolEntry& entry) { return entry.tag == tag; }))
      check.error(check.of(list), "dol",
                  fmt::format("CDOL1 (8C) lacks {}, which the cryptogram covers", described(tag)));
}

/// Whether another of the application's keys is called so.
bool is_other_key(const ApplicationPlan& plan, const CardKeyPlan& key, std::string_view name) {
  return key.name != name &&
         std::ranges::find(plan.keys, name, &CardKeyPlan::name) != plan.keys.end();
}

/// IMK-SMC for the key SMI of an application that has an SMC as well.
void check_master_keys(const ApplicationCheck& check) {
  constexpr std::string_view kMaster = "IMK-";
  for (const CardKeyPlan& key : check.plan.keys) {
    if (!key.derived) continue;
    const std::string& role = check.context.plan.keys[key.master].role;
    if (role.starts_with(kMaster) &&
        is_other_key(check.plan, key, std::string_view(role).substr(kMaster.size())))
      check.warn(
          {key.origin.place, "keys." + key.name}, "key-role",
          fmt::format("key {} is derived from {}, the master of another key", key.name, role));
  }
}

}  // namespace

void check_cryptogram(const ApplicationCheck& check) {
  check_master_keys(check);
  const emvcrypto::CryptogramVersion* version = check.plan.cryptogram;
  if (version == nullptr) {
    const auto& keys = check.plan.keys;
    if (std::any_of(keys.begin(), keys.end(), [](const auto& key) { return key.name == "AC"; }))
      check.error(check.whole(), "no-cryptogram",
                  "an application with an AC key names its 'cryptogram' version");
    return;
  }
  const Bytes* data = check.constant(0x9F10);
  if (data != nullptr &&
      (data->size() <= version->number_at || (*data)[version->number_at] != version->number))
    check.error(check.of(*check.element(0x9F10)), "cryptogram",
                fmt::format("9F10 does not name cryptogram version {:02X} at byte {}",
                            version->number, version->number_at + 1));
  for (const ElementPlan& element : check.plan.elements)
    if (element.tag == 0x8C && element.constant && !element.value.empty())
      check_cdol1(check, element, *version);
}

}  // namespace kpd

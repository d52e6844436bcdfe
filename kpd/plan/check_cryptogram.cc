// The cryptogram version against 9F10 and CDOL1 (EMV 4.4 Book 2, 8.1).
#include <fmt/format.h>

#include <algorithm>

#include "kpd/plan/application_check.h"

namespace kpd {

void check_cryptogram(const ApplicationCheck& check) {
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
  const Bytes* cdol = check.constant(0x8C);
  const auto entries = cdol != nullptr ? emvcrypto::parse_dol(*cdol) : std::nullopt;
  if (!entries) return;
  for (const Tag tag : version->terminal_data)
    if (std::none_of(entries->begin(), entries->end(),
                     [&](const emvcrypto::DolEntry& entry) { return entry.tag == tag; }))
      check.error(check.of(*check.element(0x8C)), "dol",
                  fmt::format("CDOL1 (8C) lacks {}, which the cryptogram covers", described(tag)));
}

}  // namespace kpd

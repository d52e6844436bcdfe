#include "kpd/area/area_register.h"

#include <algorithm>

#include "kpd/keyring/key_register.h"
#include "kpd/keyring/public_key.h"
#include "kpd/keyring/roles.h"

namespace kpd {
namespace {

KeyRow row_of(const SharedKey& key, const std::string& token, const std::string& kcv,
              const Actor& actor) {
  const auto algorithm = algorithm_of(key.type, key.size);
  KeyRow row;
  row.token = token;
  row.label = row.name = key.role;
  row.kcv = kcv;
  row.role = key.key_role;
  row.algorithm = algorithm ? algorithm_name(*algorithm) : "";
  row.origin = key.value.empty() ? "generated" : "test value";
  row.made_at = row.changed_at = actor.now();
  row.made_by = row.changed_by = actor.name;
  return row;
}

KeyRow row_of(const AreaReport::PairLine& pair, const Actor& actor) {
  KeyRow row;
  row.token = pair.token;
  row.label = row.name = pair.label;
  row.kcv = pair.fingerprint.substr(0, kShortFingerprint);
  row.role = pair.role;
  row.algorithm = algorithm_name(KeyAlgorithm::rsa);
  row.origin = "generated";
  row.made_at = row.changed_at = actor.now();
  row.made_by = row.changed_by = actor.name;
  return row;
}

}  // namespace

void register_test_keys(const Area& area, const AreaPlan& plan, const AreaReport& report,
                        const Actor& actor) {
  KeyRegister keys = KeyRegister::open(area.register_file());
  KeyRegister::Change change(keys);
  AuditEntry entry{"area init", "done", "", {}};
  for (const SharedKey& key : plan.keys) {
    const auto line = std::find_if(report.keys.begin(), report.keys.end(),
                                   [&](const auto& made) { return made.role == key.role; });
    if (line == report.keys.end() || find_role(key.key_role) == nullptr) continue;
    for (const KeyHolder& holder : key.holders)
      keys.add(row_of(key, area.parties().find(holder.party)->second, line->kcv, actor));
    entry.details.emplace_back(key.role, line->kcv);
  }
  for (const AreaReport::PairLine& pair : report.pairs) {
    const KeyRow row = row_of(pair, actor);
    keys.add(row);
    entry.details.emplace_back(pair.token + " " + pair.label, row.kcv);
  }
  AuditLog(area.audit_file(), actor).append(entry);
  change.commit();
}

}  // namespace kpd

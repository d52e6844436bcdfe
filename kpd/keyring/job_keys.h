/// Which key a job takes, and whether it may.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emvcrypto/fault.h"
#include "hsm/token.h"
#include "kpd/keyring/key_register.h"

namespace kpd {

/// The label of a version of a key, or of the current one: as the register's rows of the token say
/// it; of a key that has no rows the only version there is. Fault "key-version".
emvcrypto::Expected<std::string> job_key_label(hsm::Token& token, const std::vector<KeyRow>& rows,
                                               const std::string& name,
                                               std::optional<unsigned> version);

/// What speaks against the use of a key on a day, for people: it is retired, pending, expired, not
/// yet valid, another key than the register knows by its label, or of another role than the job
/// gives it. Nothing when nothing does, so for keys without a row. kcv: as in the register;
/// job_role: the role under which the job has it, which may be no role known here.
std::optional<std::string> key_objection(const std::vector<KeyRow>& rows, const std::string& label,
                                         const std::string& kcv, const std::string& job_role,
                                         const std::optional<emvcrypto::Date>& day);

}  // namespace kpd

/// Names of PKCS#11 mechanisms. Internal to hsm.
#pragma once

#include <string>

namespace hsm {

/// "CKM_DES3_ECB"; the number in hex when it has no name.
std::string mechanism_name(unsigned long mechanism);

}  // namespace hsm

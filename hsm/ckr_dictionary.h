/// What the return values of PKCS#11 mean to people. Internal to hsm.
#pragma once

#include <string_view>

namespace hsm {

/// One CKR value.
struct ReturnValue {
  unsigned long value;
  std::string_view name;  ///< "CKR_DEVICE_REMOVED"
  std::string_view hint;  ///< what to do; may be empty
  bool device_lost;       ///< nothing else will work on this device before a new start
};

/// The entry of a value, or nullptr.
const ReturnValue* find_return_value(unsigned long rv);

}  // namespace hsm

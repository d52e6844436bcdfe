/// The functions of one PKCS#11 library, each called by name so that what fails can be said.
/// Internal to hsm.
#pragma once

#include <p11-kit/pkcs11.h>

#include <atomic>
#include <mutex>

#include "hsm/call_recorder.h"
#include "hsm/error.h"
#include "hsm/token.h"

/// A function's name and its place in the function list, as Calls and Session take them.
#define HSM_CALL(name) #name, &CK_FUNCTION_LIST::name

namespace hsm {

/// RFC 5649 by its number of PKCS#11 3.0 (CKM_AES_KEY_WRAP_KWP); CKM_AES_KEY_WRAP_PAD is the older.
inline constexpr CK_MECHANISM_TYPE kAesKeyWrapKwp = 0x210B;

/// Bytes as an input of a call: PKCS#11 knows no const, and some devices take no null pointer even
/// for nothing.
CK_BYTE* input(ByteView bytes);

/// See above. Thread-safe.
class Calls {
 public:
  explicit Calls(CK_FUNCTION_LIST* list) : list_(list) {}

  /// The function's own return value (or what the tap answers in its place).
  template <typename Function, typename... Arguments>
  CK_RV run(const char* name, Function CK_FUNCTION_LIST::*function, Arguments... arguments) {
    if (tapped_.load(std::memory_order_relaxed)) {
      const CK_RV answer = ask_tap(name);
      if (answer != CKR_OK) return answer;
    }
    const CallWatch& watch = call_watch();
    if (!watch.active()) return (list_->*function)(arguments...);
    const auto start = std::chrono::steady_clock::now();
    const CK_RV rv = (list_->*function)(arguments...);
    if (watch.time != nullptr) {
      watch.time->inside += std::chrono::steady_clock::now() - start;
      ++watch.time->calls;
    }
    if (watch.recorder != nullptr && rv == CKR_OK)
      watch.recorder->note(name, function, arguments...);
    return rv;
  }

  /// As run; throws Error on anything but CKR_OK.
  template <typename Function, typename... Arguments>
  void check(const char* name, Function CK_FUNCTION_LIST::*function, Arguments... arguments) {
    const CK_RV rv = run(name, function, arguments...);
    if (rv != CKR_OK) throw Error(name, rv);
  }

  void set_tap(CallTap tap);
  CK_FUNCTION_LIST* list() const { return list_; }

 private:
  CK_RV ask_tap(const char* name);

  CK_FUNCTION_LIST* list_;
  std::atomic<bool> tapped_{false};
  std::mutex mutex_;
  CallTap tap_;
};

}  // namespace hsm

/// What goes wrong with a device.
#pragma once

#include <stdexcept>
#include <string>

namespace hsm {

/// A PKCS#11 call that failed: its name, the CKR value and the CKR name. Never holds key material.
class Error : public std::runtime_error {
 public:
  Error(const std::string& call, unsigned long rv, const std::string& hint = "");
  unsigned long rv() const { return rv_; }
  /// The device itself is gone or unusable: stop, do not retry item by item.
  bool device_lost() const;

 private:
  unsigned long rv_;
};

/// The token, the key or the log-in is not there as configured: a person must act. `what()` says
/// what is missing and what to do.
class SetupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// "CKR_PIN_INCORRECT"; the number in hex when it has no name.
std::string ckr_name(unsigned long rv);

}  // namespace hsm

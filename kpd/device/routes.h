/// Which way each secret of a job takes: inside the device, or through a host window. Chosen before
/// the first card, from what the device really does, what the keys may do and what the job says.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "hsm/token.h"
#include "kpd/keys/host_window.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// The way of one secret.
struct SecretRoute {
  Window kind = Window::card_keys;
  std::string place;     ///< "CLASSIC, CREDIT, DGI 8000"
  std::string secret;    ///< "AC, SMI, SMC"
  bool inside = false;   ///< could go inside, were it alone
  std::string why;       ///< why it cannot; empty where it can
  std::string help;      ///< what would let it; empty: nothing would
  bool possible = true;  ///< false: not even through the window
};

class Routes {
 public:
  /// token: the preparing one, logged in; keys: by index in Plan::keys. What is not known of the
  /// device (Token::assume) is tried.
  Routes(const Plan& plan, hsm::Token& token, const std::vector<hsm::Key>& keys);

  /// Whether every secret of this kind stays inside: those of one kind go one way, since they share
  /// a transport key, and with it what that key may do.
  bool inside(Window kind) const { return inside_[static_cast<std::size_t>(kind)]; }

  const std::vector<SecretRoute>& secrets() const { return secrets_; }

  /// Throws Failure(hold) when a secret needs a window that the policy refuses or cannot be made at
  /// all, with the reason and what would help.
  void require(const WindowPolicy& policy) const;

 private:
  std::vector<SecretRoute> secrets_;
  std::array<bool, 4> inside_{};
};

}  // namespace kpd

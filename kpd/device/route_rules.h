/// Why a secret cannot stay inside the device. One function a kind of secret; each asks in the
/// order in which a person would change things: the job, the keys, the device.
#pragma once

#include "kpd/device/routes.h"

namespace kpd {

/// What the rules look at.
struct RouteFacts {
  const Plan& plan;
  hsm::Token& token;
  const std::vector<hsm::Key>& keys;  ///< by index in Plan::keys
  hsm::Key transport_keys_kek;        ///< KEK2-KEY; empty when the job names none
  hsm::Key transport_pin_kek;         ///< KEK2-PIN
};

/// A reason, and what would help; no reason: it can stay inside.
struct Obstacle {
  std::string why, help;
  explicit operator bool() const { return !why.empty(); }
};

Obstacle card_key_obstacle(const RouteFacts& facts, const ApplicationPlan& application,
                           const DgiPlan& dgi);
Obstacle pin_obstacle(const RouteFacts& facts, const CardPlan& card,
                      const ApplicationPlan& application, const DgiPlan& dgi);
Obstacle record_mac_obstacle(const RouteFacts& facts, const hsm::Key& mac);

/// The device cannot do a step; `step` says it in words.
Obstacle cannot(const RouteFacts& facts, const char* probe, const std::string& step);

/// The key lacks a usage.
Obstacle lacks(const hsm::Key& key, const std::string& role, const std::string& usage);

}  // namespace kpd

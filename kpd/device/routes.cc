#include "kpd/device/routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "hsm/probe.h"
#include "kpd/device/route_rules.h"
#include "kpd/exit_code.h"
#include "kpd/keys/record_mac.h"
#include "kpd/keys/transport_keys.h"

namespace kpd {
namespace {

SecretRoute make_route(Window kind, std::string place, std::string secret, Obstacle obstacle) {
  return {kind,      std::move(place),        std::move(secret),
          !obstacle, std::move(obstacle.why), std::move(obstacle.help),
          true};
}

std::string place_of(const CardPlan& card, const ApplicationPlan& application, const DgiPlan& dgi) {
  return fmt::format("{}{}, {}, {}", card.product, card.risk.empty() ? "" : " " + card.risk,
                     application.label, dgi.id == 0 ? "no DGI" : "DGI " + cps::dgi_name(dgi.id));
}

std::string keys_of(const ApplicationPlan& application, const DgiPlan& dgi) {
  std::string names;
  for (const std::size_t key : dgi.keys)
    names += (names.empty() ? "" : ", ") + application.keys[key].name;
  return names.empty() ? "given" : names;
}

SecretRoute pair_route(const RouteFacts& facts, std::string place, const RsaPairPlan& pair) {
  const std::string probe = hsm::rsa_parts_probe(pair.bits, pair.exponent);
  SecretRoute route =
      make_route(Window::icc_keys, std::move(place), fmt::format("RSA {}", pair.bits),
                 {"no device gives out the parts of a pair one by one, enciphered", ""});
  const IccKeyPlan& policy = facts.plan.icc_keys;
  const bool by_device =
      policy.source == IccKeySource::hsm || policy.when_empty == IccKeySource::hsm;
  route.possible = !by_device || facts.token.works(probe);
  if (!route.possible) {
    route.why = fmt::format("the device makes no pairs of {} bits with the exponent {} ('{}')",
                            pair.bits, pair.exponent, probe);
    route.help = pair.exponent == 3 ? "take 65537, another device, or the key factory "
                                      "(policy.icc_key_source)"
                                    : "take another device, or the key factory "
                                      "(policy.icc_key_source)";
  }
  return route;
}

SecretRoute pin_route(const RouteFacts& facts, std::string place, Obstacle obstacle) {
  SecretRoute route = make_route(Window::pins, std::move(place), "PIN", std::move(obstacle));
  if (facts.plan.pin.check != PinSourcePlan::Check::device) return route;
  route.inside = route.possible = false;
  route.why = "pin_check: device, but no call of PKCS#11 looks at a PIN";
  route.help = "set policy.pin_check to none or host";
  return route;
}

SecretRoute dgi_route(const RouteFacts& facts, const CardPlan& card,
                      const ApplicationPlan& application, const DgiPlan& dgi, SecretUse use) {
  const std::string place = place_of(card, application, dgi);
  if (use == SecretUse::card_keys)
    return make_route(Window::card_keys, place, keys_of(application, dgi),
                      card_key_obstacle(facts, application, dgi));
  if (use == SecretUse::pin)
    return pin_route(facts, place, pin_obstacle(facts, card, application, dgi));
  return make_route(Window::icc_keys, place, "given",
                    {"it comes ready made, and only the host can take its padding off", ""});
}

hsm::Key kek_of(const Plan& plan, const std::vector<hsm::Key>& keys, std::string_view role) {
  for (std::size_t i = 0; i < plan.keys.size(); ++i)
    if (plan.keys[i].role == role) return keys[i];
  return {};
}

/// Keys and PINs that the card has without having them in a DGI: check values or mailers may be
/// made of them.
std::vector<DgiPlan> secrets_without_dgi(const ApplicationPlan& application) {
  using Kind = DgiPlan::Kind;
  std::vector<DgiPlan> missing;
  const auto add = [&](bool has, Kind kind) {
    if (!has || std::ranges::find(application.dgis, kind, &DgiPlan::kind) != application.dgis.end())
      return;
    missing.emplace_back().kind = kind;
  };
  add(!application.keys.empty(), Kind::keys);
  add(application.pin.has_value(), Kind::pin);
  return missing;
}

/// A PIN that goes into no DGI still passes the host for what is computed from it.
SecretRoute value_route(const CardPlan& card, const ValuePlan& value) {
  return make_route(Window::pins, card.product, fmt::format("PIN for '{}'", value.name),
                    {"it is computed from the clear PIN", "let the issuer send it"});
}

}  // namespace

Routes::Routes(const Plan& plan, hsm::Token& token, const std::vector<hsm::Key>& keys) {
  const RouteFacts facts{plan, token, keys, kek_of(plan, keys, kKek2ForKeys),
                         kek_of(plan, keys, kKek2ForPins)};
  for (const CardPlan& card : plan.cards) {
    for (const ValuePlan& value : card.values)
      if (value.needs_pin()) secrets_.push_back(value_route(card, value));
    for (const ApplicationPlan& application : card.applications) {
      const std::string place = fmt::format("{}, {}", card.product, application.label);
      if (application.icc_key) secrets_.push_back(pair_route(facts, place, *application.icc_key));
      if (application.pin_key) secrets_.push_back(pair_route(facts, place, *application.pin_key));
      for (const DgiPlan& unplaced : secrets_without_dgi(application))
        secrets_.push_back(dgi_route(facts, card, application, unplaced, *unplaced.use()));
      for (const DgiPlan& dgi : application.dgis) {
        const auto use = dgi.use();
        if (!use || dgi.kind == DgiPlan::Kind::icc_part || dgi.kind == DgiPlan::Kind::pin_key_part)
          continue;
        secrets_.push_back(dgi_route(facts, card, application, dgi, *use));
      }
    }
  }
  if (plan.output.record_mac)
    secrets_.push_back(make_route(Window::record_mac, "batch", "record MAC",
                                  record_mac_obstacle(facts, keys[plan.key(kMacRole)])));
  for (std::size_t kind = 0; kind < inside_.size(); ++kind)
    inside_[kind] = std::ranges::all_of(secrets_, [&](const SecretRoute& route) {
      return static_cast<std::size_t>(route.kind) != kind || route.inside;
    });
}

void Routes::require(const WindowPolicy& policy) const {
  for (const SecretRoute& route : secrets_) {
    if (!route.possible)
      throw Failure(ExitCode::hold,
                    fmt::format("{}: {}: {}{}", route.place, route.secret, route.why,
                                route.help.empty() ? "" : "; " + route.help));
    if (route.inside || allowed(policy, route.kind)) continue;
    const std::string_view window = window_name(route.kind);
    throw Failure(
        ExitCode::hold,
        fmt::format("{}: {} cannot stay inside the device: {}. The job refuses the host window "
                    "'{}': {}set policy.host_window.{} to allow (kpd hsm doctor --job tells of all "
                    "secrets)",
                    route.place, route.secret, route.why, window,
                    route.help.empty() ? "" : route.help + ", or ", window));
  }
}

}  // namespace kpd

#include "kpd/device/route_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "hsm/probe.h"

namespace kpd {
namespace {

bool is_des(const hsm::Key& key) {
  return key.type() == hsm::KeyType::des2 || key.type() == hsm::KeyType::des3;
}

/// Pieces that leave the device one by one can stand behind each other under ECB alone.
Obstacle mode_obstacle(const RouteFacts& facts, const DgiPlan& dgi) {
  if (facts.plan.output.cmode_of(dgi) == cps::Cmode::ecb) return {};
  return {"it is under CBC, which cannot be put together from parts that the device wraps",
          "set cmode: ecb"};
}

/// Padding is known to everybody and is wrapped as a value of its own.
Obstacle padding_obstacle(const RouteFacts& facts, const DgiPlan& dgi) {
  if (dgi.pad != PadRule::always) return {};
  return cannot(facts, hsm::kWrapPublic, "wrap the padding (pad: always)");
}

/// Static transport keys must be allowed to wrap; fresh ones are made so.
Obstacle transport_obstacle(const RouteFacts& facts, const hsm::Key& kek, const char* role) {
  if (facts.plan.output.fresh_transport_keys || !kek || kek.usage().wrap) return {};
  return lacks(kek, role, "wrap");
}

Obstacle mailer_obstacle(const RouteFacts& facts) {
  if (!facts.plan.mailer) return {};
  const MailerPlan& mailer = *facts.plan.mailer;
  if (mailer.format != 0)
    return {"the PIN mailer has another format than the PIN block", "set pin_mailer.format to 0"};
  const hsm::Key& key = facts.keys[mailer.key];
  if (!key.usage().wrap) return lacks(key, facts.plan.keys[mailer.key].role, "wrap");
  return {};
}

}  // namespace

Obstacle cannot(const RouteFacts& facts, const char* probe, const std::string& step) {
  if (facts.token.works(probe)) return {};
  return {fmt::format("the device cannot {} ('{}' does not work)", step, probe),
          "run the job on a device that can"};
}

Obstacle lacks(const hsm::Key& key, const std::string& role, const std::string& usage) {
  return {fmt::format("the key {} ('{}') may not {}", role, key.label(), usage),
          fmt::format("make a version of {} that may {}", role, usage)};
}

Obstacle card_key_obstacle(const RouteFacts& facts, const ApplicationPlan& application,
                           const DgiPlan& dgi) {
  if (dgi.kind == DgiPlan::Kind::given_secret)
    return {"it comes ready made, and only the host can take its padding off and look at it",
            "have the keys derived"};
  // The DGI's own keys first: they are what people look for. The others count too, since all keys
  // of a card go one way.
  std::vector<std::size_t> order = dgi.keys;
  for (std::size_t k = 0; k < application.keys.size(); ++k)
    if (std::ranges::find(dgi.keys, k) == dgi.keys.end()) order.push_back(k);
  for (const std::size_t k : order) {
    const CardKeyPlan& key = application.keys[k];
    if (key.given)
      return {fmt::format("{} may come with the record: only the host sees its parity and strength",
                          key.name),
              "have it derived"};
    const hsm::Key& master = facts.keys[key.master];
    if (!is_des(master)) return {fmt::format("{} is derived under AES", key.name), ""};
    if (!master.usage().derive) return lacks(master, facts.plan.keys[key.master].role, "derive");
  }
  if (auto obstacle = mode_obstacle(facts, dgi)) return obstacle;
  if (auto obstacle = transport_obstacle(facts, facts.transport_keys_kek, "KEK2-KEY"))
    return obstacle;
  if (facts.plan.output.card_key_cipher == TransportCipher::aes)
    return cannot(facts, hsm::kDeriveWrapAes, "derive card keys and wrap them under AES");
  if (auto obstacle =
          cannot(facts, hsm::kDeriveWrapDes, "derive card keys and wrap them under 3DES"))
    return obstacle;
  return padding_obstacle(facts, dgi);
}

Obstacle pin_obstacle(const RouteFacts& facts, const CardPlan& card,
                      const ApplicationPlan& application, const DgiPlan& dgi) {
  using From = PinSourcePlan::From;
  using Check = PinSourcePlan::Check;
  const PinSourcePlan& pin = facts.plan.pin;
  if (dgi.kind == DgiPlan::Kind::given_secret)
    return {"it comes ready made, and only the host can take its padding off", "use intake.pin"};
  if (pin.from != From::block) return {"the PIN is computed or drawn here", "let PIN blocks come"};
  if (pin.format != 0)
    return {fmt::format("PIN blocks of format {} come; a format 0 block alone becomes another by "
                        "XOR with what is public",
                        pin.format),
            "let PIN blocks of format 0 come"};
  if (pin.check == Check::host)
    return {"pin_check: host wants its length, digits and fill looked at",
            "set policy.pin_check to none"};
  for (const ValuePlan& value : card.values)
    if (value.needs_pin())
      return {fmt::format("the value '{}' is computed from the clear PIN", value.name),
              "let the issuer send it"};
  const int format = application.pin ? application.pin->format : 2;
  if (format != 0 && format != 2)
    return {fmt::format("the card takes format {}, whose fill only the host can make", format), ""};
  if (auto obstacle = mailer_obstacle(facts)) return obstacle;
  const hsm::Key& kek1 = facts.keys[pin.key];
  if (!kek1.usage().unwrap) return lacks(kek1, facts.plan.keys[pin.key].role, "unwrap");
  if (auto obstacle = mode_obstacle(facts, dgi)) return obstacle;
  if (auto obstacle = transport_obstacle(facts, facts.transport_pin_kek, "KEK2-PIN"))
    return obstacle;
  if (auto obstacle = cannot(facts, hsm::kRewrap, "take PIN blocks from key to key"))
    return obstacle;
  if (format == 2)
    if (auto obstacle =
            cannot(facts, hsm::kRewrapMasked, "turn PIN blocks of format 0 into format 2"))
      return obstacle;
  return padding_obstacle(facts, dgi);
}

Obstacle record_mac_obstacle(const RouteFacts& facts, const hsm::Key& mac) {
  if (!mac.usage().unwrap) return lacks(mac, "MAC", "unwrap");
  return cannot(facts, hsm::kUnwrapDes, "unwrap the batch's MAC key");
}

}  // namespace kpd

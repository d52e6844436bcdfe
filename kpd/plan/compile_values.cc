// Computed fields of a card: card verification values, PIN verification values, PIN offsets.
#include "kpd/plan/check_values.h"

namespace kpd {

void PlanBuilder::compile_value(const YamlNode& name, const YamlNode& node, CardPlan& card) {
  if (find_field(name.text(), &card)) name.fail("a field of this name exists");
  ValuePlan value;
  value.name = name.text();
  mistakes.guard([&] {
    read_value(node, card, value);
    check_value(*this, card, value, node);
  });
  // Known from here on, right or wrong, so that one wrong value is one mistake.
  card.values.push_back(std::move(value));
}

void PlanBuilder::read_value(const YamlNode& node, const CardPlan& card, ValuePlan& value) {
  YamlMap map = node.map();
  const auto pvv = map.maybe("pvv");
  if (pvv) {
    value.kind = ValuePlan::Kind::pvv;
    value.key = cipher_key(*pvv, 8);
    value.key_index = static_cast<char>('0' + map.need("pvki").number(1, 6));
    value.pan = text(map.need("pan"), &card);
  } else if (map.has("offset")) {
    value.kind = ValuePlan::Kind::offset;
    value.ibm3624 = compile_ibm3624(map, &card);
    value.key = value.ibm3624.key;
  } else {
    value.key = cipher_key(map.need("cvv"), 8);
    value.key_left = cipher_key(map.need("key_a"), 8);
    value.pan = text(map.need("pan"), &card);
    value.expiry = text(map.need("expiry"), &card);
    value.service_code = text(map.need("service_code"), &card);
  }
  map.finish();
  if (value.needs_pin() && plan.pin.from == PinSourcePlan::From::none)
    node.fail("this is computed from the PIN, and the intake has no 'pin'", {}, "no-pin");
  if (value.needs_pin() && !plan.windows.pins)
    node.fail("this is computed from the clear PIN, and the job refuses the window 'pins'",
              "set policy.host_window.pins to allow, or let the issuer send the value",
              "host-window");
}

}  // namespace kpd

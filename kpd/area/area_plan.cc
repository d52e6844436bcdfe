#include "kpd/area/area_plan.h"

namespace kpd {
namespace {

std::vector<std::pair<std::string, std::string>> read_tokens(const YamlNode& node) {
  std::vector<std::pair<std::string, std::string>> tokens;
  YamlMap map = node.map();
  for (const auto& [party, label] : map.all()) tokens.emplace_back(party.text(), label.text());
  return tokens;
}

unsigned read_exponent(const YamlNode& node) {
  const auto exponent = static_cast<unsigned>(node.number(3, 65537));
  if (exponent != 3 && exponent != 65537) node.fail("the exponent is 3 or 65537");
  return exponent;
}

std::vector<TestAuthority> read_authorities(const YamlNode& node) {
  std::vector<TestAuthority> list;
  YamlMap map = node.map();
  for (const auto& [name, value] : map.all()) {
    YamlMap one = value.map();
    list.push_back({name.text(), one.need("rid").hex(5), one.need("index").hex(1)[0],
                    one.need("bits").number(1024, 1984), read_exponent(one.need("exponent"))});
    one.finish();
  }
  return list;
}

std::vector<TestIssuer> read_issuers(const YamlNode& node) {
  std::vector<TestIssuer> list;
  YamlMap map = node.map();
  for (const auto& [name, value] : map.all()) {
    YamlMap one = value.map();
    list.push_back({name.text(), one.need("authority").text(), one.need("bits").number(1024, 1984),
                    read_exponent(one.need("exponent")), one.need("issuer_id").hex(4),
                    one.need("expiry").hex(2), one.need("serial").hex(3)});
    one.finish();
  }
  return list;
}

}  // namespace

AreaPlan read_area_plan(const std::filesystem::path& file) {
  YamlMap map = read_yaml(file, "area-plan");
  AreaPlan plan;
  plan.device = map.text("device", plan.device);
  plan.test = map.flag("test", false);
  plan.tokens = read_tokens(map.need("tokens"));
  plan.keys = read_shared_keys(map.need("keys"));
  plan.authorities = read_authorities(map.need("authorities"));
  plan.issuers = read_issuers(map.need("issuers"));
  map.finish();
  return plan;
}

}  // namespace kpd

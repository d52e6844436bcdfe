#include "kpd/config/window_policy.h"

namespace kpd {
namespace {

bool allowed(YamlMap& map, const std::string& key) {
  const auto node = map.maybe(key);
  return node && node->choice({"refuse", "allow"}) == 1;
}

}  // namespace

WindowPolicy read_window_policy(const YamlNode& node) {
  if (node.is_text()) {
    const bool all = node.choice({"refuse", "allow"}) == 1;
    return {all, all, all, all};
  }
  YamlMap map = node.map();
  const WindowPolicy windows{allowed(map, "card_keys"), allowed(map, "pins"),
                             allowed(map, "icc_keys"), allowed(map, "record_mac")};
  map.finish();
  return windows;
}

}  // namespace kpd

#include <fmt/format.h>

#include "kpd/plan/compile.h"

namespace kpd {

namespace {

std::size_t block_size_of(hsm::KeyType type) {
  if (type == hsm::KeyType::aes) return 16;
  return type == hsm::KeyType::des2 || type == hsm::KeyType::des3 ? 8 : 0;
}

}  // namespace

void PlanBuilder::compile_keys(const YamlNode& node) {
  YamlMap keys = node.map();
  for (const auto& [role, value] : keys.all()) {
    mistakes.guard([&] { compile_key(role, value); });
    warn_of_one_key(role);
  }
}

/// Two roles with one key are a slip of the hand more often than a wish.
void PlanBuilder::warn_of_one_key(const YamlNode& role) {
  const KeyPlan& key = plan.keys.back();
  for (const KeyPlan& other : plan.keys)
    if (&other != &key && key.block_size == other.block_size && !key.kcv.empty() &&
        key.kcv == other.kcv) {
      Mistake mistake = role.mistake(
          fmt::format("'{}' has the check value of '{}': they are one key", key.role, other.role),
          "each role has a key of its own", "one-key");
      mistake.warning = true;
      mistakes.add(std::move(mistake));
    }
}

void PlanBuilder::compile_key(const YamlNode& role, const YamlNode& value) {
  // Known from here on, so that one wrong key is one mistake.
  KeyPlan& key = plan.keys.emplace_back();
  key.role = role.text();
  std::optional<YamlNode> expected;
  if (value.is_text()) {
    key.uri = value.text();
  } else {
    YamlMap map = value.map();
    key.uri = map.need("key").text();
    expected = map.maybe("kcv");
    map.finish();
  }
  if (expected) (void)expected->hex();
  if (token_ == nullptr) return;
  try {
    const hsm::Key found = token_->find(key.uri);
    key.kcv = token_->kcv(found);
    key.block_size = block_size_of(found.type());
  } catch (const hsm::SetupError& error) {
    value.fail(error.what(), {}, kMissingKey);
  }
  if (expected && expected->hex() != key.kcv)
    expected->fail(fmt::format("the key in the token has the check value {}: it is another key",
                               emvcrypto::to_hex(key.kcv)));
}

}  // namespace kpd

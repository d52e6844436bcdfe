#include <fmt/format.h>

#include "kpd/area/area.h"
#include "kpd/keyring/job_keys.h"
#include "kpd/keyring/key_label.h"
#include "kpd/plan/compile.h"

namespace kpd {

namespace {

std::size_t block_size_of(hsm::KeyType type) {
  if (type == hsm::KeyType::aes) return 16;
  return type == hsm::KeyType::des2 || type == hsm::KeyType::des3 ? 8 : 0;
}

}  // namespace

/// The area's file is the second that makes a plan; whoever opened the token has read it.
void PlanBuilder::read_register(const YamlNode& keys) {
  if (token_ == nullptr || plan.files.size() < 2 || !std::filesystem::exists(plan.files[1])) return;
  try {
    const Area area = Area::read(plan.files[1]);
    if (auto known = KeyRegister::read(area.register_file()))
      key_rows_ = known->rows(token_->label());
  } catch (const ConfigError&) {
    throw;
  } catch (const Failure& failure) {
    keys.fail(failure.what(), {}, kMissingKey);
  }
}

void PlanBuilder::compile_keys(const YamlNode& node) {
  mistakes.guard([&] { read_register(node); });
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
  std::optional<YamlNode> expected, version;
  if (value.is_text()) {
    key.uri = value.text();
  } else {
    YamlMap map = value.map();
    expected = map.maybe("kcv");
    if (const auto name = map.maybe("name")) {
      version = map.maybe("version");
      key.uri = key_of_name(*name, version);
    } else {
      key.uri = map.need("key").text();
    }
    map.finish();
  }
  if (expected) (void)expected->hex();
  if (token_ == nullptr) return;
  std::string label;
  try {
    const hsm::Key found = token_->find(key.uri);
    label = found.label();
    key.kcv = token_->kcv(found);
    key.block_size = block_size_of(found.type());
  } catch (const hsm::SetupError& error) {
    value.fail(error.what(), {}, kMissingKey);
  }
  if (expected && expected->hex() != key.kcv)
    expected->fail(fmt::format("the key in the token has the check value {}: it is another key",
                               emvcrypto::to_hex(key.kcv)));
  const bool dated = plan.date != emvcrypto::Date{};  // else the job's date was a mistake
  if (const auto objection = key_objection(key_rows_, label, emvcrypto::to_hex(key.kcv), key.role,
                                           dated ? std::optional(plan.date) : std::nullopt))
    value.fail(*objection, "`kpd key list` shows the keys of the area", kMissingKey);
}

/// The label that a name and a version are in the token.
std::string PlanBuilder::key_of_name(const YamlNode& name,
                                     const std::optional<YamlNode>& version) const {
  constexpr std::uint64_t kLastVersion = 9999;
  const std::string text = name.text();
  if (version && version->text() != "current")
    return label_text({text, static_cast<unsigned>(version->number(1, kLastVersion))});
  if (token_ == nullptr) return text;
  const auto label = job_key_label(*token_, key_rows_, text, std::nullopt);
  if (!label) name.fail(label.error().reason, {}, kMissingKey);
  return *label;
}

}  // namespace kpd

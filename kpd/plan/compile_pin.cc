// Where PINs come from (intake.pin), which ones are refused (policy) and who is told (pin_mailer).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "emvcrypto/ibm3624.h"
#include "kpd/keys/pin_cipher.h"
#include "kpd/plan/compile.h"

namespace kpd {
namespace {

// What each line of the mailer file says anyway.
constexpr std::array<std::string_view, 7> kMailerKeys{"run",       "record", "pan", "format",
                                                      "pin_block", "key",    "kcv"};
// What the program itself uses a key for.
constexpr std::array<std::string_view, 5> kFixedRoles{"KEK1", "KEK2-KEY", "KEK2-PIN", "STORAGE",
                                                      "MAC"};
constexpr std::size_t kMaxRefused = 1000;  // of 10,000 PINs of four digits

/// "0", "1", "3" and "4": format 2 is for cards alone (ISO 9564-1).
int read_format(const YamlNode& node) {
  return std::array{0, 1, 3, 4}[node.choice({"0", "1", "3", "4"})];
}

std::size_t cipher_block_of(int format) {
  return format == 4 ? 16 : 8;
}

/// Keys that a card has to do with, by their indices in Plan::keys.
void add_keys_of(const CardPlan& card, std::set<std::size_t>& keys) {
  for (const ValuePlan& value : card.values) {
    keys.insert(value.key);
    if (value.kind == ValuePlan::Kind::cvv) keys.insert(value.key_left);
  }
  for (const ApplicationPlan& application : card.applications) {
    for (const CardKeyPlan& key : application.keys) {
      if (key.derived) keys.insert(key.master);
      if (key.given) keys.insert(key.given->secret.under);
    }
    for (const DgiPlan& dgi : application.dgis)
      if (dgi.kind == DgiPlan::Kind::given_secret) keys.insert(dgi.given.under);
  }
}

/// Keys that the plan needs for something other than PIN mailers.
std::set<std::size_t> keys_in_use(const Plan& plan) {
  std::set<std::size_t> keys;
  if (plan.pin.from == PinSourcePlan::From::block) keys.insert(plan.pin.key);
  if (plan.pin.from == PinSourcePlan::From::offset) keys.insert(plan.pin.ibm3624.key);
  for (const CardPlan& card : plan.cards) add_keys_of(card, keys);
  for (std::size_t i = 0; i < plan.keys.size(); ++i)
    if (std::ranges::find(kFixedRoles, plan.keys[i].role) != kFixedRoles.end()) keys.insert(i);
  return keys;
}

}  // namespace

std::size_t PlanBuilder::cipher_key(const YamlNode& role, std::size_t block) const {
  const std::size_t index = key_index(role);
  require_cipher(index, role, block);
  return index;
}

void PlanBuilder::require_cipher(std::size_t index, const YamlNode& node, std::size_t block) const {
  const KeyPlan& key = plan.keys[index];
  if (key.kcv.empty()) return;  // not looked up, or not found: that is told elsewhere
  if (key.block_size == 0 || (block != 0 && key.block_size != block))
    node.fail(fmt::format("'{}' must be {} key here", key.role,
                          block == 16  ? "an AES"
                          : block == 8 ? "a 3DES"
                                       : "a 3DES or AES"),
              {}, "key-type");
}

void PlanBuilder::compile_pin_policy(YamlMap& policy) {
  PinSourcePlan& pin = plan.pin;
  pin.max_faults = policy.number("max_pin_faults", pin.max_faults, 0, 1'000'000'000);
  if (const auto check = policy.maybe("pin_check")) {
    using Check = PinSourcePlan::Check;
    pin.check = std::array{Check::none, Check::device,
                           Check::host}[check->choice({"none", "device", "host"})];
  }
  const auto refused = policy.maybe("refused_pins");
  if (!refused) return;
  for (const YamlNode& item : refused->list()) {
    const std::string text = item.text();
    if (text == "repeats") {
      pin.refused.repeats = true;
    } else if (text == "sequences") {
      pin.refused.sequences = true;
    } else {
      if (text.size() < 4 || text.size() > 12 ||
          text.find_first_not_of("0123456789") != std::string::npos)
        item.fail("a refused PIN has 4 to 12 digits; 'repeats' and 'sequences' are those kinds",
                  "write digits in quotes");
      pin.refused.list.push_back(text);
    }
  }
  if (pin.refused.list.size() > kMaxRefused)
    refused->fail(fmt::format("more than {} refused PINs leave too few to draw from", kMaxRefused));
}

void PlanBuilder::compile_pin(const YamlNode& node) {
  using From = PinSourcePlan::From;
  YamlMap map = node.map();
  const auto from =
      std::array{From::block, From::offset,
                 From::random}[map.need("from").choice({"block", "offset", "random"})];
  // Known from here on, so that one wrong setting is one mistake.
  plan.pin.from = from;
  if (from == From::block) {
    compile_pin_block(map);
  } else if (from == From::offset) {
    plan.pin.ibm3624 = compile_ibm3624(map, nullptr);
    plan.pin.length = plan.pin.ibm3624.length;
    if (const auto field = map.maybe("field"))
      plan.pin.field = pin_field(*field, field->text(), FieldType::n);
  } else {
    plan.pin.length = map.number("length", 4, 4, 12);
  }
  map.finish();
}

void PlanBuilder::compile_pin_block(YamlMap& map) {
  const auto name = map.maybe("field");
  plan.pin.field =
      pin_field(name ? *name : map.node(), name ? name->text() : "pin_block", FieldType::pin_block);
  plan.pin.format = read_format(map.need("format"));
  FieldPlan& field = plan.fields[*plan.pin.field];
  field.min_length = field.max_length = 2 * pin_block_size(plan.pin.format);
  const std::size_t block = cipher_block_of(plan.pin.format);
  if (const auto key = map.maybe("key")) {
    plan.pin.key = cipher_key(*key, block);
    return;
  }
  const auto found = std::ranges::find(plan.keys, "KEK1", &KeyPlan::role);
  if (found == plan.keys.end())
    map.node().fail("PIN blocks are under KEK1, which the job does not name under 'keys'",
                    "name another one: key: ...", "unknown-key-role");
  plan.pin.key = static_cast<std::size_t>(found - plan.keys.begin());
  require_cipher(plan.pin.key, map.node(), block);
}

FieldId PlanBuilder::pin_field(const YamlNode& node, const std::string& name,
                               FieldType type) const {
  const auto id = find_field(name, nullptr);
  if (!id) node.fail(fmt::format("the intake has no field '{}'", name), {}, "unknown-field");
  if (plan.fields[*id].type != type)
    node.fail(fmt::format("field '{}' must be of the type {}", name,
                          type == FieldType::n ? "n" : "pin-block"));
  return *id;
}

Ibm3624Plan PlanBuilder::compile_ibm3624(YamlMap& map, const CardPlan* card) {
  Ibm3624Plan rule;
  rule.key = cipher_key(map.need(card == nullptr ? "key" : "offset"), 8);
  rule.validation = text(map.need("validation"), card);
  rule.decimalisation = map.text("decimalisation", "0123456789012345");
  if (!emvcrypto::is_decimalisation_table(rule.decimalisation))
    map.need("decimalisation")
        .fail("a decimalisation table has 16 digits, at least 8 of them different",
              "\"0123456789012345\" is the common one");
  rule.length = map.number("length", rule.length, 4, 12);
  return rule;
}

/// Whoever opens mailers must not hold a key that opens anything else.
void PlanBuilder::require_own_mailer_key(const YamlNode& key) const {
  const KeyPlan& mailer = plan.keys[plan.mailer->key];
  if (keys_in_use(plan).contains(plan.mailer->key))
    key.fail(fmt::format("PIN mailers need a key of their own: '{}' has another use", mailer.role));
  for (std::size_t i = 0; i < plan.keys.size(); ++i) {
    const KeyPlan& other = plan.keys[i];
    if (i == plan.mailer->key) continue;
    if (other.uri == mailer.uri || (!mailer.kcv.empty() && other.kcv == mailer.kcv))
      key.fail(fmt::format("PIN mailers need a key of their own: '{}' is the same key as '{}'",
                           mailer.role, other.role));
  }
}

void PlanBuilder::compile_mailer(const YamlNode& node) {
  YamlMap map = node.map();
  MailerPlan& mailer = plan.mailer.emplace();
  mailer.file = resolve(map.need("file").text()).string();
  if (const auto format = map.maybe("format")) mailer.format = read_format(*format);
  if (!plan.windows.pins && plan.pin.from == PinSourcePlan::From::block &&
      mailer.format != plan.pin.format)
    node.fail(
        "mailers of another format than the PIN blocks that come need clear PINs, and the "
        "job refuses the window 'pins'",
        "set policy.host_window.pins to allow, or the mailer's format to that of intake.pin",
        "host-window");
  const YamlNode key = map.need("key");
  mailer.key = cipher_key(key, cipher_block_of(mailer.format));
  require_own_mailer_key(key);
  if (const auto fields = map.maybe("fields"))
    for (const auto& [name, source] : fields->map().all())
      mailer.fields.push_back({name.text(), text(source, nullptr)});
  for (const MailerPlan::Field& field : mailer.fields)
    if (std::ranges::find(kMailerKeys, field.name) != kMailerKeys.end())
      map.need("fields").fail(fmt::format("every line has a '{}' of its own", field.name));
  map.finish();
}

void PlanBuilder::compile_pin_mailer(YamlMap& job) {
  const auto mailer = job.maybe("pin_mailer");
  if (mailer) {
    if (plan.pin.from == PinSourcePlan::From::none)
      mailer->fail("there are no PINs to tell: the intake has no 'pin'");
    compile_mailer(*mailer);
  } else if (plan.pin.from == PinSourcePlan::From::random) {
    job.node().fail("PINs are drawn by chance, but nobody is told them: add 'pin_mailer'", {},
                    "no-pin-mailer");
  }
}

}  // namespace kpd

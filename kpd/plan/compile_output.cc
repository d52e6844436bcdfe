#include "kpd/plan/compile_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kpd/plan/transport_cipher.h"

namespace kpd {
namespace {

/// A text of printable ASCII of one size.
std::string fixed_text(YamlMap& map, const std::string& key, const std::string& fallback,
                       std::size_t size) {
  const auto node = map.maybe(key);
  if (!node) return fallback;
  std::string text = node->text();
  if (text.size() != size ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; }))
    node->fail(fmt::format("{} has {} printable characters", key, size));
  return text;
}

/// The job's words on top of the profile that they name.
YamlMap open_output(PlanBuilder& builder, const YamlNode& node) {
  YamlMap own = node.map();
  const auto profile = own.maybe("profile");
  if (!profile) return own;
  auto extends = std::make_shared<ConfigValue>();
  extends->kind = ConfigValue::Kind::text;
  extends->text = "extends";
  auto layer = std::make_shared<ConfigValue>(*without(node.pointer(), {"profile"}));
  layer->pairs.push_back({extends, profile->pointer()});
  const ConfigPtr document = at_name(*profile, [&] { return builder.resolve_template(layer); });
  return builder.open_template(document, "output-profile");
}

void read_product_ids(YamlMap& map, OutputPlan& output) {
  output.layout.product_id_length = map.number("product_id_length", 0, 0, 255);
  const auto ids = map.maybe("product_ids");
  if (!ids) return;
  for (const YamlNode& id : ids->list()) {
    output.product_ids.push_back(id.hex());
    const std::size_t size = output.product_ids.back().size();
    const std::size_t wanted = output.layout.product_id_length;
    if (size > 255 || (wanted > 0 && size != wanted))
      id.fail(wanted > 0 ? fmt::format("product_id_length says {} bytes, this has {}", wanted, size)
                         : "a product id has 255 bytes at most");
  }
  if (output.product_ids.size() > 255) ids->fail("a record has 255 product ids at most");
}

/// One for all secrets, or one for each transport key.
void read_cmodes(YamlMap& map, OutputPlan& output) {
  if (const auto node = map.maybe("cmode")) {
    CmodePlan& modes = output.cmodes;
    if (node->is_map()) {
      YamlMap by_key = node->map();
      if (const auto one = by_key.maybe("card_keys")) modes.card_keys = read_cmode(*one);
      if (const auto one = by_key.maybe("icc_keys")) modes.icc_keys = read_cmode(*one);
      if (const auto one = by_key.maybe("pin")) modes.pin = read_cmode(*one);
      by_key.finish();
    } else {
      modes.card_keys = modes.icc_keys = modes.pin = read_cmode(*node);
    }
  }
}

/// What records look like, in every format.
void read_record_layout(YamlMap& map, OutputPlan& output) {
  output.chip_mic = fixed_text(map, "chip_mic", output.chip_mic, 4);
  output.layout_version = fixed_text(map, "layout_version", output.layout_version, 4);
  output.status = fixed_text(map, "status", output.status, 2);
  output.layout.key_id_length = map.number("key_id_length", output.layout.key_id_length, 1, 16);
  if (const auto type = map.maybe("key_type")) output.key_type = type->hex(1)[0];
  if (const auto coverage = map.maybe("mac_coverage"))
    output.layout.mac_coverage =
        static_cast<cps::MacCoverage>(coverage->choice({"record", "section", "data-object"}));
  if (const auto length = map.maybe("object_length"))
    output.layout.object_length =
        static_cast<cps::ObjectLength>(length->choice({"shortest", "long"}));
  read_product_ids(map, output);
  read_cmodes(map, output);
  if (const auto keys = map.maybe("transport_keys"))
    output.fresh_transport_keys = keys->choice({"fresh", "static"}) == 0;
  output.record_mac = map.flag("record_mac", output.record_mac);
}

/// Whether any secret of this plan is under CBC, or any other would be by the output's own words.
bool has_cbc(const Plan& plan) {
  const CmodePlan& modes = plan.output.cmodes;
  const auto is_cbc = [](cps::Cmode mode) { return mode == cps::Cmode::cbc; };
  if (is_cbc(modes.card_keys) || is_cbc(modes.icc_keys) || is_cbc(modes.pin)) return true;
  for (const CardPlan& card : plan.cards)
    for (const ApplicationPlan& application : card.applications)
      for (const DgiPlan& dgi : application.dgis)
        if (dgi.cmode && is_cbc(*dgi.cmode)) return true;
  return false;
}

/// Modules of cards cannot be called as those that the format itself needs.
void refuse_taken_modules(const Plan& plan, const YamlNode& node) {
  const bool tagged = plan.output.format == cps::FileFormat::tagged;
  for (const CardPlan& card : plan.cards)
    for (const ModulePlan& module : card.modules)
      if (module.mic == plan.output.chip_mic ||
          (tagged && (module.mic == cps::kCrnMic || module.mic == cps::kLayoutMic)))
        node.fail(fmt::format("product {} has a module {}, which this output needs for itself",
                              card.product, module.mic));
}

}  // namespace

cps::Cmode read_cmode(const YamlNode& node) {
  return std::array{cps::Cmode::ecb, cps::Cmode::cbc}[node.choice({"ecb", "cbc"})];
}

void compile_output(PlanBuilder& builder, const YamlNode& node) {
  OutputPlan& output = builder.plan.output;
  YamlMap map = open_output(builder, node);
  map.text("title", "");
  output.file = map.need("file").text();
  if (const auto format = map.maybe("format"))
    output.format = static_cast<cps::FileFormat>(format->choice({"cps", "tagged", "lines"}));
  read_record_layout(map, output);
  if (output.format == cps::FileFormat::tagged) output.tagged = compile_packages(builder.plan, map);
  if (output.format == cps::FileFormat::lines) compile_lines(builder, map);
  if (const auto value = map.maybe("initial_value")) {
    const Bytes none = std::exchange(output.initial_value, value->hex(output.initial_value.size()));
    if (output.initial_value != none && !has_cbc(builder.plan))
      value->fail("nothing here is under CBC, which alone has an initial value", "set cmode: cbc");
  }
  if (const auto cipher = map.maybe("card_key_cipher"))
    output.card_key_cipher = read_transport_cipher(builder.plan, *cipher);
  map.finish();
  refuse_taken_modules(builder.plan, node);
}

}  // namespace kpd

#include <fmt/format.h>

#include <array>

#include "emvcrypto/tags.h"
#include "kpd/plan/application_compiler.h"

namespace kpd {
namespace {

void check_length(const ElementPlan& plan, const YamlNode& node) {
  const emvcrypto::TagInfo* info = emvcrypto::find_tag_info(plan.tag);
  if (info == nullptr || plan.value.empty()) return;
  if (plan.value.size() < info->min_length || plan.value.size() > info->max_length)
    node.fail(fmt::format("{} ({}) has {} to {} bytes, not {}", emvcrypto::tag_name(plan.tag),
                          info->name, info->min_length, info->max_length, plan.value.size()),
              {}, "length");
}

void constant(ElementPlan& plan, Bytes value) {
  plan.constant = true;
  plan.value = std::move(value);
}

Bytes compile_dol(const YamlNode& node) {
  Bytes dol;
  for (const YamlNode& item : node.list()) {
    const std::string text = item.text();
    const std::size_t colon = text.find(':');
    const auto tag = emvcrypto::parse_tag(text.substr(0, colon));
    const std::string length = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (!tag || length.empty() || length.size() > 3 ||
        length.find_first_not_of("0123456789") != std::string::npos || std::stoi(length) > 255)
      item.fail("an entry of a DOL is written \"9F02:6\": tag and length in bytes");
    emvcrypto::append(dol, emvcrypto::tag_bytes(*tag));
    dol.push_back(static_cast<std::uint8_t>(std::stoi(length)));
  }
  return dol;
}

Bytes exponent(unsigned value) {
  return value == 3 ? Bytes{0x03} : Bytes{0x01, 0x00, 0x01};
}

}  // namespace

void ApplicationCompiler::elements() {
  const auto node = use_.document.maybe("elements");
  if (!node) return;
  for (const auto& [name, source] : node->map().all()) {
    Tag tag = 0;
    const bool is_tag = builder_.mistakes.guard([&] {
      tag = name.tag();
      if (find_element(tag)) name.fail("this tag stands here twice", {}, "duplicate-tag");
    });
    if (!is_tag || builder_.mistakes.guard([&] { element(tag, source); })) continue;
    // Known from here on, so that one wrong element is one mistake.
    ElementPlan broken;
    broken.tag = tag;
    broken.constant = true;
    app_.elements.push_back(std::move(broken));
  }
}

void ApplicationCompiler::element(Tag tag, const YamlNode& node) {
  ElementPlan plan;
  plan.tag = tag;
  plan.origin = {node.value().place, origin_of(node)};
  YamlMap map = node.map();
  std::optional<PendingTrack> track_below;
  bool is_afl = false;
  if (const auto value = map.maybe("value")) {
    constant(plan, value->hex());
  } else if (const auto dol = map.maybe("dol")) {
    constant(plan, compile_dol(*dol));
  } else if (const auto compute = map.maybe("compute")) {
    if (compute->text() == "ivcvc3-track1" || compute->text() == "ivcvc3-track2")
      track_below = ivcvc3(plan, map, *compute);
    else
      computed(plan, *compute);
    is_afl = compute->text() == "afl";
  } else if (const auto track = map.maybe("track2")) {
    plan.conversion = Conversion::track2;
    plan.text = builder_.text(*track, &card_);
    if (!builder_.plan.roles.service_code) track->fail("track 2 needs the field 'service_code'");
  } else {
    plan.text = builder_.text(map.need("text"), &card_);
    if (const auto as = map.maybe("as"))
      plan.conversion = std::array{Conversion::text,     Conversion::hex,
                                   Conversion::n,        Conversion::cn,
                                   Conversion::date_end, Conversion::currency_exponent}[as->choice(
          {"text", "hex", "n", "cn", "date-end", "currency-exponent"})];
    plan.width = map.number("width", 0, 0, 255);
    if (plan.conversion == Conversion::n && plan.width == 0)
      node.fail("numeric data needs its 'width' in bytes");
  }
  map.finish();
  if (plan.constant) check_length(plan, node);
  if (plan.constant && plan.value.empty() && !is_afl) return;  // an absent remainder
  if (is_afl) afl_elements_.push_back(app_.elements.size());
  if (track_below) {
    track_below->own = app_.elements.size();
    pending_tracks_.push_back(*track_below);
  }
  app_.elements.push_back(std::move(plan));
}

void ApplicationCompiler::computed(ElementPlan& plan, const YamlNode& node) {
  const std::string what = node.text();
  const bool of_issuer = what.starts_with("issuer-") || what == "ca-index" || what == "ssad";
  if (of_issuer && !app_.issuer) node.fail("this needs an 'issuer'");
  if (what.starts_with("icc-") && !app_.icc_key) node.fail("this needs an 'icc_key'");
  if (what.starts_with("pin-") && !app_.pin_key) node.fail("this needs a 'pin_key'");
  if (what == "aid") return constant(plan, app_.aid);
  if (what == "label") return constant(plan, Bytes(app_.label.begin(), app_.label.end()));
  if (what == "afl") return constant(plan, {});  // filled in when the records are known
  if (what == "issuer-certificate") return constant(plan, issuer().certificate);
  if (what == "issuer-remainder") return constant(plan, issuer().remainder);
  if (what == "issuer-exponent") return constant(plan, issuer().key.exponent);
  if (what == "ca-index") return constant(plan, {issuer().ca_index});
  if (what == "icc-exponent") return constant(plan, exponent(app_.icc_key->exponent));
  if (what == "pin-exponent") return constant(plan, exponent(app_.pin_key->exponent));
  if (what == "ssad") {
    if (!app_.sda) node.fail("this needs 'authentication: sda'");
    plan.made_by_signing = Signed::ssad;
  } else if (what == "icc-certificate") {
    plan.made_by_signing = Signed::icc_certificate;
  } else if (what == "icc-remainder") {
    remainder(plan, Signed::icc_remainder, *app_.icc_key);
  } else if (what == "pin-certificate") {
    plan.made_by_signing = Signed::pin_certificate;
  } else if (what == "pin-remainder") {
    remainder(plan, Signed::pin_remainder, *app_.pin_key);
  } else {
    node.fail(fmt::format("nothing computed is called '{}'", what));
  }
}

/// Whether a remainder exists follows from the key lengths (Book 2, Table 13): where it does not,
/// the element is absent.
void ApplicationCompiler::remainder(ElementPlan& plan, Signed kind, const RsaPairPlan& pair) const {
  if (has_remainder(pair, issuer()))
    plan.made_by_signing = kind;
  else
    constant(plan, {});
}

}  // namespace kpd

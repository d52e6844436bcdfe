#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/plan/application_compiler.h"
#include "kpd/plan/compile_output.h"

namespace kpd {
namespace {

std::vector<cps::DgiId> dgi_list(const YamlNode& node) {
  std::vector<cps::DgiId> list;
  for (const YamlNode& item : node.list())
    list.push_back(static_cast<cps::DgiId>(emvcrypto::to_number(item.hex(2))));
  return list;
}

// Records that terminals read stand in files 1 to 10 (EMV 4.4 Book 3, 5.3).
constexpr cps::DgiId kFirstReadRecord = 0x0101, kLastReadRecord = 0x0AFF;
// By convention what stands here is secret (EMV CPS 1.1, Annex A).
constexpr cps::DgiId kFirstSecret = 0x8000, kLastSecret = 0x8FFF;

/// What may not be written out: records behind the AFL's back, and secrets.
void require_allowed(cps::DgiId id, const YamlMap& map, const YamlNode& node) {
  if (map.has("given")) return;  // has rules of its own
  if (id >= kFirstReadRecord && id <= kLastReadRecord)
    node.fail("this DGI is a record that terminals read: the AFL must know it",
              "write it under 'records'", "afl");
  if (id >= kFirstSecret && id <= kLastSecret &&
      (map.has("content") || map.has("value") || map.has("raw")))
    node.fail("this DGI is secret, and what is written here goes to the chip in clear",
              "keys, pin, icc_key, pin_key; or given: with the key that it comes under",
              "clear-secret");
}

std::vector<std::vector<cps::DgiId>> statements(const YamlNode& node) {
  std::vector<std::vector<cps::DgiId>> all;
  for (const YamlNode& statement : node.list()) all.push_back(dgi_list(statement));
  return all;
}

}  // namespace

void ApplicationCompiler::dgis() {
  if (const auto given = use_.document.maybe("given_dgis"))
    builder_.mistakes.guard([&] { app_.given_dgis = builder_.text(*given, &card_); });
  for (const YamlNode& item : use_.document.need("dgis").list())
    builder_.mistakes.guard([&] { dgi_entry(item); });
}

void ApplicationCompiler::dgi_entry(const YamlNode& item) {
  if (item.is_text()) {
    item.choice({"records"});
    for (std::size_t i = 0; i < app_.records.size(); ++i) {
      DgiPlan dgi;
      dgi.id = static_cast<cps::DgiId>(app_.records[i].sfi << 8 | app_.records[i].number);
      dgi.kind = DgiPlan::Kind::record;
      dgi.record = i;
      add_dgi(std::move(dgi), item);
    }
  } else {
    add_dgi(dgi(item), item);
  }
}

void ApplicationCompiler::add_dgi(DgiPlan dgi, const YamlNode& item) {
  for (const DgiPlan& other : app_.dgis)
    if (other.id == dgi.id)
      item.fail(fmt::format("DGI {} exists", cps::dgi_name(dgi.id)),
                "its first place is " + other.origin.place.text(), "duplicate-dgi");
  dgi.origin = {item.value().place, origin_of(item)};
  app_.dgis.push_back(std::move(dgi));
}

DgiPlan ApplicationCompiler::dgi(const YamlNode& item) {
  YamlMap map = item.map();
  DgiPlan dgi;
  const YamlNode id = map.need("dgi");
  dgi.id = static_cast<cps::DgiId>(emvcrypto::to_number(id.hex(2)));
  require_allowed(dgi.id, map, id);
  if (const auto tlvs = map.maybe("content")) {
    dgi.kind = DgiPlan::Kind::tlvs;
    dgi.content = content(*tlvs);
  } else if (const auto value = map.maybe("value")) {
    dgi.value = value->hex();
  } else if (const auto list = map.maybe("keys")) {
    dgi.kind = DgiPlan::Kind::keys;
    dgi.keys = key_list(*list);
  } else if (const auto kcvs = map.maybe("kcvs")) {
    dgi.kind = DgiPlan::Kind::kcvs;
    dgi.keys = key_list(*kcvs);
  } else if (const auto pin = map.maybe("pin")) {
    if (!pin->flag() || !app_.pin) pin->fail("a reference PIN needs 'pin' in this template");
    if (builder_.plan.pin.from == PinSourcePlan::From::none)
      pin->fail("the intake has no 'pin'", {}, "no-pin");
    dgi.kind = DgiPlan::Kind::pin;
  } else if (const auto given = map.maybe("given")) {
    given_dgi(dgi, map, *given);
  } else if (const auto raw = map.maybe("raw")) {
    dgi.kind = DgiPlan::Kind::raw;
    dgi.content = raw_content(*raw);
  } else {
    const auto icc = map.maybe("icc_key");
    const YamlNode part = icc ? *icc : map.need("pin_key");
    if (icc ? !app_.icc_key : !app_.pin_key) part.fail("this application has no such key pair");
    dgi.kind = icc ? DgiPlan::Kind::icc_part : DgiPlan::Kind::pin_key_part;
    dgi.part = static_cast<RsaPart>(part.choice({"qinv", "dq", "dp", "q", "p"}));
  }
  if (const auto pad = map.maybe("pad"))
    dgi.pad = static_cast<PadRule>(pad->choice({"never", "if-needed", "always"}));
  if (const auto mode = map.maybe("cmode")) {
    dgi.cmode = read_cmode(*mode);
    if (!dgi.secret())
      mode->fail("only a secret DGI is under a transport key and so has a CMODE", {}, "no-cmode");
  }
  map.finish();
  return dgi;
}

std::vector<std::size_t> ApplicationCompiler::key_list(const YamlNode& node) const {
  std::vector<std::size_t> list;
  for (const YamlNode& name : node.list()) {
    const auto found =
        std::find_if(app_.keys.begin(), app_.keys.end(),
                     [&](const CardKeyPlan& key) { return key.name == name.text(); });
    if (found == app_.keys.end()) name.fail(fmt::format("'keys' has no '{}'", name.text()));
    list.push_back(static_cast<std::size_t>(found - app_.keys.begin()));
  }
  return list;
}

/// What the personalisation device is told (EMV CPS 1.1, 2.5: PDI).
void ApplicationCompiler::instructions() {
  cps::DeviceInstructions& pdi = app_.instructions;
  for (const DgiPlan& dgi : app_.dgis)
    if (dgi.secret()) pdi.enciphered.push_back({dgi.id, 0x11});
  const auto node = use_.document.maybe("personalisation");
  if (!node) return;
  YamlMap map = node->map();
  if (const auto level = map.maybe("security_level"))
    pdi.security_level = std::array<std::uint8_t, 3>{0, 1, 3}[level->choice({"0", "1", "3"})];
  if (const auto order = map.maybe("order")) pdi.order = statements(*order);
  if (const auto groups = map.maybe("groups")) pdi.groups = statements(*groups);
  if (const auto refused = map.maybe("may_be_refused")) pdi.version_control = dgi_list(*refused);
  map.finish();
}

}  // namespace kpd

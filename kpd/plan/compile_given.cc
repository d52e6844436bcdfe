// What a record may bring ready made: keys of the card and DGIs.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emvcrypto/tags.h"
#include "kpd/plan/application_compiler.h"

namespace kpd {
namespace {

constexpr Tag kTrack1 = 0x56, kTrack2 = 0x9F6B;
// Records that terminals read stand in files 1 to 10 (EMV 4.4 Book 3, 5.3).
constexpr cps::DgiId kLastReadRecord = 0x0AFF;
// By convention what stands here is secret (EMV CPS 1.1, Annex A).
constexpr cps::DgiId kFirstSecret = 0x8000, kLastSecret = 0x8FFF;

}  // namespace

/// The secret under `under`, in `mode`; `text` is where it comes from.
GivenSecret ApplicationCompiler::given_secret(YamlMap& map, const YamlNode& text) const {
  GivenSecret secret;
  secret.text = builder_.secret_text(text, &card_);
  secret.under = builder_.cipher_key(map.need("under"), 0);
  if (const auto mode = map.maybe("mode"))
    secret.mode =
        std::array{GivenSecret::Mode::ecb, GivenSecret::Mode::cbc}[mode->choice({"ecb", "cbc"})];
  return secret;
}

/// A key of the card: the role of its master key, or how the record brings it.
void ApplicationCompiler::card_key(const YamlNode& name, const YamlNode& node) {
  CardKeyPlan& key = app_.keys.emplace_back();
  key.name = name.text();
  key.origin = {node.value().place, origin_of(node)};
  if (node.is_text()) {
    key.master = builder_.cipher_key(node, 8);
    return;
  }
  YamlMap map = node.map();
  GivenKeyPlan given;
  given.secret = given_secret(map, map.need("given"));
  if (const auto kcv = map.maybe("kcv")) given.kcv = builder_.text(*kcv, &card_);
  if (const auto parity = map.maybe("parity"))
    given.odd_parity = parity->choice({"odd", "any"}) == 0;
  key.given = std::move(given);
  const auto master = map.maybe("else");
  key.derived = master.has_value();
  if (master) key.master = builder_.cipher_key(*master, 8);
  map.finish();
}

/// A DGI that the record brings: in clear, or under a key of the back office.
void ApplicationCompiler::given_dgi(DgiPlan& dgi, YamlMap& map, const YamlNode& text) const {
  if (dgi.id <= kLastReadRecord)
    text.fail("a record that comes ready made is one of 'given_dgis': the AFL must know it");
  if (!map.has("under")) {
    if (dgi.id >= kFirstSecret && dgi.id <= kLastSecret)
      text.fail("this DGI is secret, and secrets do not come in clear", "say the key: under: KEK1");
    dgi.kind = DgiPlan::Kind::given;
    dgi.given.text = builder_.text(text, &card_);
    return;
  }
  dgi.kind = DgiPlan::Kind::given_secret;
  dgi.given = given_secret(map, text);
  if (const auto use = map.maybe("as"))
    dgi.given_use = std::array{SecretUse::card_keys, SecretUse::icc_keys,
                               SecretUse::pin}[use->choice({"card-keys", "icc-keys", "pin"})];
  dgi.given_padded = map.flag("padded", false);
}

/// Values one after the other, without tags: elements by their tag, or {value: "00"}.
std::vector<TlvPlan> ApplicationCompiler::raw_content(const YamlNode& node) {
  std::vector<TlvPlan> list;
  for (const YamlNode& item : node.list()) {
    if (item.is_text()) {
      leaf(list, item);
      continue;
    }
    YamlMap map = item.map();
    ElementPlan constant;
    constant.constant = true;
    constant.value = map.need("value").hex();
    constant.origin = {item.value().place, origin_of(item)};
    map.finish();
    list.push_back({0, app_.elements.size(), {}});
    app_.elements.push_back(std::move(constant));
  }
  return list;
}

/// "ivcvc3-track1" is over 56 and "ivcvc3-track2" over 9F6B, unless `over` names another element.
ApplicationCompiler::PendingTrack ApplicationCompiler::ivcvc3(ElementPlan& plan, YamlMap& map,
                                                              const YamlNode& compute) const {
  const auto over = map.maybe("over");
  const auto key = map.maybe("key");
  PendingTrack pending{compute, over                           ? over->tag()
                                : compute.text().back() == '1' ? kTrack1
                                                               : kTrack2};
  const std::string name = key ? key->text() : "CVC3";
  const auto found =
      std::ranges::find_if(app_.keys, [&](const CardKeyPlan& one) { return one.name == name; });
  if (found == app_.keys.end())
    (key ? *key : compute).fail(fmt::format("'keys' has no '{}'", name), {}, "no-key");
  plan.ivcvc3 = Ivcvc3Plan{0, static_cast<std::size_t>(found - app_.keys.begin())};
  return pending;
}

/// The one element of the tag that an IVCVC3 is over: under 'elements' or in one place.
std::size_t ApplicationCompiler::the_track(const PendingTrack& pending) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < app_.elements.size(); ++i)
    if (app_.elements[i].tag == pending.over) found.push_back(i);
  if (found.empty())
    pending.node.fail(fmt::format("this is over {}, and nothing says where that comes from",
                                  emvcrypto::tag_name(pending.over)),
                      "name it under 'elements'", "no-source");
  if (found.size() > 1)
    pending.node.fail(fmt::format("this is over {}, which has {} sources here: over which of them "
                                  "the terminal sends its data, nobody can tell",
                                  emvcrypto::tag_name(pending.over), found.size()),
                      "write it once, under 'elements'", "no-source");
  return found.front();
}

/// The tracks may stand behind what is computed over them, which may stand in one place only.
void ApplicationCompiler::find_tracks() {
  for (const PendingTrack& pending : pending_tracks_)
    builder_.mistakes.guard([&] {
      const std::size_t over = the_track(pending);
      const ElementPlan& track = app_.elements[over];
      if (track.made_by_signing != Signed::none || track.ivcvc3)
        pending.node.fail("a track is neither signed nor computed by a card key");
      app_.elements[pending.own].ivcvc3->over = over;
    });
}

}  // namespace kpd

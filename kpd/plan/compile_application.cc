#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/plan/application_compiler.h"
#include "kpd/plan/check_application.h"

namespace kpd {

ApplicationPlan ApplicationCompiler::compile() {
  using Step = void (ApplicationCompiler::*)();
  const auto run = [&](std::initializer_list<Step> steps) {
    bool well = true;
    for (const Step step : steps) well = builder_.mistakes.guard([&] { (this->*step)(); }) && well;
    return well;
  };
  const std::size_t before = builder_.mistakes.count();
  const bool known = run({&ApplicationCompiler::general, &ApplicationCompiler::authentication});
  run({&ApplicationCompiler::keys, &ApplicationCompiler::elements, &ApplicationCompiler::records,
       &ApplicationCompiler::dgis, &ApplicationCompiler::find_tracks,
       &ApplicationCompiler::fill_in_afl, &ApplicationCompiler::instructions});
  const bool flawless = builder_.mistakes.count() == before;
  builder_.mistakes.guard([&] { use_.document.finish(); });
  const bool complete = known && (!app_.issuer || !issuer().key.modulus.empty());
  if (complete && !(builder_.open_world && builder_.open_world->incomplete))
    check_application(app_,
                      {builder_.plan, card_, app_.issuer ? &issuer() : nullptr,
                       use_.document.node().value().place, flawless},
                      builder_.mistakes);
  return std::move(app_);
}

void ApplicationCompiler::general() {
  YamlMap& document = use_.document;
  app_.template_name = use_.template_name;
  app_.aid = use_.aid;
  app_.label = use_.label;
  app_.owner = Bytes(app_.aid.begin(), app_.aid.begin() + 5);
  document.text("title", "");
  if (const auto owner = document.maybe("owner")) app_.owner = owner->hex();
  if (const auto option = setting("udk_option"))
    app_.udk_option =
        std::array{emvcrypto::UdkOption::a, emvcrypto::UdkOption::b}[option->choice({"A", "B"})];
  if (const auto version = setting("cryptogram")) {
    app_.cryptogram = emvcrypto::find_cryptogram_version(version->text());
    if (app_.cryptogram == nullptr)
      version->fail(fmt::format("no cryptogram version is called '{}'", version->text()), {},
                    "unknown-cryptogram");
  }
  if (const auto pin = setting("pin")) {
    YamlMap map = pin->map();
    app_.pin = PinPlan{static_cast<int>(map.need("format").number(1, 2))};
    map.finish();
  }
}

void ApplicationCompiler::authentication() {
  const auto name = setting("issuer"), method = setting("authentication");
  const auto icc = setting("icc_key"), pin = setting("pin_key");
  const auto code = setting("data_authentication_code");
  if (name) {
    app_.issuer = builder_.issuer_index(*name);
    builder_.mistakes.guard([&] { require_same_rid(*name); });
  }
  const std::size_t kind = method ? method->choice({"none", "sda", "dda", "cda"}) : 0;
  app_.sda = kind == 1;
  if (kind > 0 && !app_.issuer) method->fail("data authentication needs an 'issuer'");
  if (kind > 1 && !icc) method->fail("key 'icc_key' is missing: the card needs an RSA pair");
  if (app_.sda && !code) method->fail("key 'data_authentication_code' is missing");
  if (kind > 1) app_.icc_key = rsa_pair(*icc);
  if (app_.sda) app_.data_authentication_code = code->hex(2);
  if (!pin) return;
  if (!app_.issuer) pin->fail("a certified key needs an 'issuer'");
  app_.pin_key = rsa_pair(*pin);
}

/// A terminal takes the CA key of the application's own RID (Book 2, 5.2).
void ApplicationCompiler::require_same_rid(const YamlNode& name) const {
  const Bytes own(app_.aid.begin(), app_.aid.begin() + 5);
  if (!issuer().rid.empty() && own != issuer().rid)
    name.fail(fmt::format("this issuer is certified under RID {}, the application is of RID {}",
                          emvcrypto::to_hex(issuer().rid), emvcrypto::to_hex(own)));
}

RsaPairPlan ApplicationCompiler::rsa_pair(const YamlNode& node) const {
  YamlMap map = node.map();
  RsaPairPlan pair;
  const YamlNode bits = map.need("bits");
  pair.bits = bits.number(512, 1976);
  if (pair.bits % 16 != 0) bits.fail("CRT parts need a modulus of an even number of bytes");
  if (!issuer().key.modulus.empty() && pair.bits / 8 > issuer().key.size())
    bits.fail(fmt::format("the card's key cannot be longer than the issuer's ({} bits)",
                          issuer().key.size() * 8),
              {}, "key-length");
  const YamlNode exponent = map.need("exponent");
  pair.exponent = static_cast<unsigned>(exponent.number(3, 65537));
  if (pair.exponent != 3 && pair.exponent != 65537) exponent.fail("the exponent is 3 or 65537");
  pair.full_parts = map.flag("full_parts", false);
  map.finish();
  return pair;
}

void ApplicationCompiler::keys() {
  const auto node = use_.document.maybe("keys");
  if (!node) return;
  YamlMap map = node->map();
  for (const auto& [name, role] : map.all()) builder_.mistakes.guard([&] { card_key(name, role); });
}

std::optional<std::size_t> ApplicationCompiler::find_element(Tag tag) const {
  for (std::size_t i = 0; i < app_.elements.size(); ++i)
    if (app_.elements[i].tag == tag && !app_.elements[i].only_here) return i;
  return std::nullopt;
}

ApplicationPlan PlanBuilder::compile_application(ApplicationUse& use, const CardPlan& card,
                                                 const std::vector<ApplicationUse>& all) {
  return ApplicationCompiler(*this, card, use, all).compile();
}

}  // namespace kpd

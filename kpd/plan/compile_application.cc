#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/afl.h"
#include "emvcrypto/tags.h"
#include "kpd/plan/check_application.h"
#include "kpd/plan/compile.h"

namespace kpd {
namespace {

constexpr Tag kAflTag = 0x94;

/// Compiles one application; the steps follow the template's sections.
class ApplicationCompiler {
 public:
  ApplicationCompiler(const PlanBuilder& builder, const CardPlan& card,
                      PlanBuilder::ApplicationUse& use,
                      const std::vector<PlanBuilder::ApplicationUse>& all)
      : builder_(builder), card_(card), use_(use), all_(all) {}

  ApplicationPlan compile() {
    general();
    authentication();
    keys();
    elements();
    records();
    dgis();
    instructions();
    use_.use.finish();
    use_.document.finish();
    if (const auto mistake = find_contradiction(app_, app_.issuer ? &issuer() : nullptr))
      use_.document.node().fail(*mistake);
    return std::move(app_);
  }

 private:
  /// The card's word, else the template's.
  std::optional<YamlNode> setting(const std::string& key) {
    const auto own = use_.document.maybe(key);
    const auto other = use_.use.maybe(key);
    return other ? other : own;
  }

  void general() {
    YamlMap& document = use_.document;
    document.text("title", "");
    app_.template_name = use_.template_name;
    app_.aid = use_.aid;
    app_.label = use_.label;
    app_.owner = Bytes(app_.aid.begin(), app_.aid.begin() + 5);
    if (const auto owner = document.maybe("owner")) app_.owner = owner->hex();
    if (const auto option = setting("udk_option"))
      app_.udk_option =
          std::array{emvcrypto::UdkOption::a, emvcrypto::UdkOption::b}[option->choice({"A", "B"})];
    if (const auto version = setting("cryptogram")) {
      app_.cryptogram = emvcrypto::find_cryptogram_version(version->text());
      if (app_.cryptogram == nullptr)
        version->fail(fmt::format("no cryptogram version is called '{}'", version->text()));
    }
    if (const auto pin = setting("pin")) {
      YamlMap map = pin->map();
      app_.pin = PinPlan{static_cast<int>(map.need("format").number(1, 2))};
      map.finish();
    }
  }

  void authentication() {
    if (const auto name = setting("issuer")) {
      app_.issuer = builder_.issuer_index(*name);
      require_same_rid(*name);
    }
    if (const auto method = setting("authentication")) {
      const std::size_t kind = method->choice({"none", "sda", "dda", "cda"});
      app_.sda = kind == 1;
      if (kind > 0 && !app_.issuer) method->fail("data authentication needs an 'issuer'");
      if (kind > 1) app_.icc_key = rsa_pair(use_.document.need("icc_key"));
    }
    if (const auto pair = use_.document.maybe("pin_key")) {
      if (!app_.issuer) pair->fail("a certified key needs an 'issuer'");
      app_.pin_key = rsa_pair(*pair);
    }
    if (app_.sda)
      app_.data_authentication_code = use_.document.need("data_authentication_code").hex(2);
  }

  /// A terminal takes the CA key of the application's own RID (Book 2, 5.2).
  void require_same_rid(const YamlNode& name) const {
    const Bytes own(app_.aid.begin(), app_.aid.begin() + 5);
    if (own != issuer().rid)
      name.fail(fmt::format("this issuer is certified under RID {}, the application is of RID {}",
                            emvcrypto::to_hex(issuer().rid), emvcrypto::to_hex(own)));
  }

  RsaPairPlan rsa_pair(const YamlNode& node) const {
    YamlMap map = node.map();
    RsaPairPlan pair;
    const YamlNode bits = map.need("bits");
    pair.bits = bits.number(512, 1976);
    if (pair.bits % 16 != 0) bits.fail("CRT parts need a modulus of an even number of bytes");
    if (pair.bits / 8 > issuer().key.size())
      bits.fail(fmt::format("the card's key cannot be longer than the issuer's ({} bits)",
                            issuer().key.size() * 8));
    const YamlNode exponent = map.need("exponent");
    pair.exponent = static_cast<unsigned>(exponent.number(3, 65537));
    if (pair.exponent != 3 && pair.exponent != 65537) exponent.fail("the exponent is 3 or 65537");
    map.finish();
    return pair;
  }

  const IssuerPlan& issuer() const { return builder_.plan.issuers[*app_.issuer]; }

  void keys() {
    const auto node = use_.document.maybe("keys");
    if (!node) return;
    YamlMap map = node->map();
    for (const auto& [name, role] : map.all())
      app_.keys.push_back({name.text(), builder_.key_index(role)});
  }

  void elements() {
    if (const auto node = use_.document.maybe("elements")) {
      YamlMap map = node->map();
      for (const auto& [tag, source] : map.all()) {
        if (find_element(tag.tag())) tag.fail("this tag stands here twice");
        element(tag.tag(), source);
      }
    }
    if (const auto node = use_.use.maybe("elements")) {
      YamlMap map = node->map();
      for (const auto& [tag, source] : map.all()) {
        const Tag value = tag.tag();
        std::erase_if(app_.elements, [&](const ElementPlan& e) { return e.tag == value; });
        element(value, source);
      }
    }
  }

  void element(Tag tag, const YamlNode& node) {
    ElementPlan plan;
    plan.tag = tag;
    YamlMap map = node.map();
    if (const auto value = map.maybe("value")) {
      constant(plan, value->hex());
    } else if (const auto dol = map.maybe("dol")) {
      constant(plan, compile_dol(*dol));
    } else if (const auto compute = map.maybe("compute")) {
      computed(plan, *compute);
    } else if (const auto track = map.maybe("track2")) {
      plan.conversion = Conversion::track2;
      plan.text = builder_.text(*track, &card_);
      if (!builder_.plan.roles.service_code) track->fail("track 2 needs the field 'service_code'");
    } else {
      plan.text = builder_.text(map.need("text"), &card_);
      if (const auto as = map.maybe("as"))
        plan.conversion =
            std::array{
                Conversion::text, Conversion::hex,      Conversion::n,
                Conversion::cn,   Conversion::date_end, Conversion::currency_exponent}[as->choice(
                {"text", "hex", "n", "cn", "date-end", "currency-exponent"})];
      plan.width = map.number("width", 0, 0, 255);
      if (plan.conversion == Conversion::n && plan.width == 0)
        node.fail("numeric data needs its 'width' in bytes");
    }
    map.finish();
    if (plan.constant) check_length(plan, node);
    if (plan.constant && plan.value.empty() && tag != kAflTag) return;  // an absent remainder
    app_.elements.push_back(std::move(plan));
  }

  static void check_length(const ElementPlan& plan, const YamlNode& node) {
    const emvcrypto::TagInfo* info = emvcrypto::find_tag_info(plan.tag);
    if (info == nullptr || plan.value.empty()) return;
    if (plan.value.size() < info->min_length || plan.value.size() > info->max_length)
      node.fail(fmt::format("{} ({}) has {} to {} bytes, not {}", emvcrypto::tag_name(plan.tag),
                            info->name, info->min_length, info->max_length, plan.value.size()));
  }

  static void constant(ElementPlan& plan, Bytes value) {
    plan.constant = true;
    plan.value = std::move(value);
  }

  static Bytes compile_dol(const YamlNode& node) {
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

  void computed(ElementPlan& plan, const YamlNode& node) {
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
  void remainder(ElementPlan& plan, Signed kind, const RsaPairPlan& pair) const {
    if (has_remainder(pair, issuer()))
      plan.made_by_signing = kind;
    else
      constant(plan, {});
  }

  static Bytes exponent(unsigned value) {
    return value == 3 ? Bytes{0x03} : Bytes{0x01, 0x00, 0x01};
  }

  std::optional<std::size_t> find_element(Tag tag) const {
    for (std::size_t i = 0; i < app_.elements.size(); ++i)
      if (app_.elements[i].tag == tag) return i;
    return std::nullopt;
  }

  /// The contents of a record or template: tags, {TAG: [...]} for templates inside, "directory".
  std::vector<TlvPlan> content(const YamlNode& node) {
    std::vector<TlvPlan> list;
    for (const YamlNode& item : node.list()) {
      if (item.is_map()) {
        YamlMap map = item.map();
        for (const auto& [tag, inner] : map.all()) {
          if (!emvcrypto::is_constructed(tag.tag())) tag.fail("only a template can hold others");
          list.push_back({tag.tag(), {}, content(inner)});
        }
      } else if (item.text() == "directory") {
        directory(list);
      } else {
        leaf(list, item);
      }
    }
    return list;
  }

  void leaf(std::vector<TlvPlan>& list, const YamlNode& item) {
    const Tag tag = item.tag();
    const auto element = find_element(tag);
    if (element) {
      list.push_back({tag, element, {}});
    } else if (!absent_by_length(tag)) {
      item.fail(fmt::format("{} is placed here, but 'elements' does not say where it comes from",
                            emvcrypto::tag_name(tag)));
    }
  }

  /// Remainders that the key lengths make unnecessary.
  bool absent_by_length(Tag tag) const {
    if (!app_.issuer) return false;
    if (tag == 0x92) return issuer().remainder.empty();
    if (tag == 0x9F48) return app_.icc_key && !has_remainder(*app_.icc_key, issuer());
    return tag == 0x9F2F && app_.pin_key && !has_remainder(*app_.pin_key, issuer());
  }

  /// One application template 61 for each other application of the card that has a label (EMV 4.4
  /// Book 1, 12.2.3): 4F AID, 50 label, 87 priority in the order of the card.
  void directory(std::vector<TlvPlan>& list) {
    std::uint8_t priority = 0;
    for (const auto& other : all_) {
      if (other.label.empty() || &other == &use_) continue;
      ElementPlan entry;
      entry.tag = 0x61;
      entry.constant = true;
      emvcrypto::append_tlv(entry.value, 0x4F, other.aid);
      emvcrypto::append_tlv(entry.value, 0x50, emvcrypto::as_bytes(other.label));
      emvcrypto::append_tlv(entry.value, 0x87, Bytes{++priority});
      list.push_back({entry.tag, app_.elements.size(), {}});
      app_.elements.push_back(std::move(entry));
    }
  }

  void records() {
    const auto node = use_.document.maybe("records");
    if (!node) return;
    std::vector<emvcrypto::AflEntry> afl;
    for (const YamlNode& item : node->list()) {
      YamlMap map = item.map();
      RecordPlan record;
      record.sfi = static_cast<std::uint8_t>(map.need("sfi").number(1, 30));
      record.number = static_cast<std::uint8_t>(map.need("record").number(1, 255));
      record.is_signed = map.flag("signed", false);
      record.content = content(map.need("content"));
      map.finish();
      locate(afl, record, item);
      if (record.is_signed && holds_signature(record.content))
        item.fail("what signing makes cannot stand in a record that is signed");
      app_.records.push_back(std::move(record));
    }
    if (const auto element = find_element(kAflTag))
      app_.elements[*element].value = emvcrypto::encode_afl(afl);
  }

  bool holds_signature(const std::vector<TlvPlan>& content) const {
    return std::any_of(content.begin(), content.end(), [&](const TlvPlan& item) {
      return item.element ? app_.elements[*item.element].made_by_signing != Signed::none
                          : holds_signature(item.children);
    });
  }

  /// Adds a record to the AFL. An entry's records follow each other, the signed ones lead (Book 3,
  /// 10.2); anything else is a mistake of the template.
  static void locate(std::vector<emvcrypto::AflEntry>& afl, const RecordPlan& record,
                     const YamlNode& item) {
    const bool follows =
        !afl.empty() && afl.back().sfi == record.sfi && afl.back().last + 1 == record.number;
    const bool may_be_signed = !record.is_signed || !follows ||
                               afl.back().signed_count == afl.back().last - afl.back().first + 1;
    if (follows && !may_be_signed)
      item.fail("signed records of a file must come before its unsigned ones");
    if (!follows) {
      for (const auto& entry : afl)
        if (entry.sfi == record.sfi && record.number <= entry.last && record.number >= entry.first)
          item.fail("this record exists");
      afl.push_back({record.sfi, record.number, record.number, 0});
    } else {
      afl.back().last = record.number;
    }
    if (record.is_signed) ++afl.back().signed_count;
  }

  void dgis() {
    for (const YamlNode& item : use_.document.need("dgis").list()) {
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
  }

  void add_dgi(DgiPlan dgi, const YamlNode& item) {
    for (const DgiPlan& other : app_.dgis)
      if (other.id == dgi.id) item.fail(fmt::format("DGI {} exists", cps::dgi_name(dgi.id)));
    app_.dgis.push_back(std::move(dgi));
  }

  DgiPlan dgi(const YamlNode& item) {
    YamlMap map = item.map();
    DgiPlan dgi;
    dgi.id = static_cast<cps::DgiId>(emvcrypto::to_number(map.need("dgi").hex(2)));
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
      if (!builder_.plan.roles.pin_block) pin->fail("the intake has no field 'pin_block'");
      dgi.kind = DgiPlan::Kind::pin;
    } else {
      const auto icc = map.maybe("icc_key");
      const YamlNode part = icc ? *icc : map.need("pin_key");
      if (icc ? !app_.icc_key : !app_.pin_key) part.fail("this application has no such key pair");
      dgi.kind = icc ? DgiPlan::Kind::icc_part : DgiPlan::Kind::pin_key_part;
      dgi.part = static_cast<RsaPart>(part.choice({"qinv", "dq", "dp", "q", "p"}));
    }
    if (const auto pad = map.maybe("pad"))
      dgi.pad = static_cast<PadRule>(pad->choice({"never", "if-needed", "always"}));
    map.finish();
    return dgi;
  }

  std::vector<std::size_t> key_list(const YamlNode& node) const {
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

  static std::vector<std::vector<cps::DgiId>> statements(const YamlNode& node) {
    std::vector<std::vector<cps::DgiId>> all;
    for (const YamlNode& statement : node.list()) all.push_back(dgi_list(statement));
    return all;
  }

  static std::vector<cps::DgiId> dgi_list(const YamlNode& node) {
    std::vector<cps::DgiId> list;
    for (const YamlNode& item : node.list())
      list.push_back(static_cast<cps::DgiId>(emvcrypto::to_number(item.hex(2))));
    return list;
  }

  /// What the personalisation device is told (EMV CPS 1.1, 2.5: PDI).
  void instructions() {
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

  const PlanBuilder& builder_;
  const CardPlan& card_;
  PlanBuilder::ApplicationUse& use_;
  const std::vector<PlanBuilder::ApplicationUse>& all_;
  ApplicationPlan app_;
};

}  // namespace

ApplicationPlan PlanBuilder::compile_application(ApplicationUse& use, const CardPlan& card,
                                                 const std::vector<ApplicationUse>& all) {
  return ApplicationCompiler(*this, card, use, all).compile();
}

}  // namespace kpd

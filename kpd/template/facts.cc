#include "kpd/template/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/inspect/decode_value.h"
#include "kpd/inspect/dictionary.h"
#include "kpd/template/yaml_text.h"

namespace kpd {
namespace {

constexpr std::array<std::string_view, 5> kParts{"qinv", "dq", "dp", "q", "p"};

std::string key_length(const RsaPairPlan& pair) {
  return fmt::format("{} bits, exponent {}", pair.bits, pair.exponent);
}

std::string authentication_text(const ApplicationPlan& application) {
  if (application.icc_key) return "dynamic, card key of " + key_length(*application.icc_key);
  return application.sda ? "static" : "none";
}

std::string ids_text(const std::vector<cps::DgiId>& ids) {
  std::string text;
  for (const cps::DgiId id : ids) text += (text.empty() ? "" : " ") + cps::dgi_name(id);
  return text;
}

std::string statements_text(const std::vector<std::vector<cps::DgiId>>& statements) {
  std::string text;
  for (const auto& statement : statements)
    text += (text.empty() ? "" : ", ") + ("[" + ids_text(statement) + "]");
  return text;
}

FactGroup general(const ApplicationPlan& application, const Plan& plan) {
  FactGroup group{"application", "application", {}};
  const auto add = [&](std::string id, std::string label, std::string value) {
    if (!value.empty())
      group.facts.push_back({std::move(id), std::move(label), std::move(value), {}});
  };
  add("label", "label", application.label);
  add("owner", "owner", emvcrypto::to_hex(application.owner));
  add("cryptogram", "cryptogram version",
      application.cryptogram != nullptr ? std::string(application.cryptogram->name) : "");
  if (!application.keys.empty())
    add("udk", "derivation of keys",
        application.udk_option == emvcrypto::UdkOption::a ? "option A" : "option B");
  add("authentication", "data authentication", authentication_text(application));
  if (application.sda)
    add("dac", "data authentication code", emvcrypto::to_hex(application.data_authentication_code));
  if (application.pin_key) add("pin-key", "PIN key", key_length(*application.pin_key));
  if (application.issuer) add("issuer", "issuer", plan.issuers[*application.issuer].name);
  if (application.pin) add("pin", "PIN block format", std::to_string(application.pin->format));
  if (application.given_dgis) add("given", "DGIs of the record", "taken");
  const cps::DeviceInstructions& told = application.instructions;
  add("security-level", "security level", std::to_string(told.security_level));
  add("order", "order of DGIs", statements_text(told.order));
  add("groups", "groups of DGIs", statements_text(told.groups));
  add("may-be-refused", "DGIs that the card may refuse", ids_text(told.version_control));
  return group;
}

/// The lines below a decoded value.
void flatten(const inspect::Node& node, const std::string& indent,
             std::vector<std::string>& lines) {
  for (const inspect::Node& child : node.children) {
    std::string line = indent;
    for (const std::string* part : {&child.id, &child.label, &child.value, &child.note})
      if (!part->empty()) line += (line == indent ? "" : " ") + *part;
    lines.push_back(std::move(line));
    flatten(child, indent + "  ", lines);
  }
}

/// The value that stands at this place; null when there is none.
const ConfigValue* find_at(const ConfigValue& value, const FilePlace& place) {
  if (value.place == place) return &value;
  for (const ConfigPtr& item : value.items)
    if (const ConfigValue* found = find_at(*item, place)) return found;
  for (const auto& pair : value.pairs)
    if (const ConfigValue* found = find_at(*pair.value, place)) return found;
  return nullptr;
}

/// What the document says of an element; null for those that stand nowhere.
const ConfigValue* find_written(const ElementPlan& element, const ConfigValue& document) {
  if (element.origin.place.line == 0) return nullptr;
  for (const auto& pair : document.pairs)
    if (const ConfigValue* found = find_at(*pair.value, element.origin.place)) return found;
  return nullptr;
}

bool holds(const std::vector<TlvPlan>& content, std::size_t element) {
  return std::any_of(content.begin(), content.end(), [&](const TlvPlan& item) {
    return item.element == element || holds(item.children, element);
  });
}

/// The tag; for a source that holds in one place only, that place too.
std::string element_id(const ApplicationPlan& application, std::size_t element) {
  const std::string id = emvcrypto::tag_name(application.elements[element].tag);
  if (!application.elements[element].only_here) return id;
  for (const RecordPlan& record : application.records)
    if (holds(record.content, element))
      return id + " in " + fmt::format("{}/{}", record.sfi, record.number);
  for (const DgiPlan& dgi : application.dgis)
    if (holds(dgi.content, element)) return id + " in " + cps::dgi_name(dgi.id);
  return id;
}

FactGroup elements(const ApplicationPlan& application, const ConfigValue& document) {
  FactGroup group{"element", "data elements", {}};
  for (std::size_t i = 0; i < application.elements.size(); ++i) {
    const ElementPlan& element = application.elements[i];
    if (element.tag == 0) continue;
    Fact fact{element_id(application, i),
              inspect::tag_label(element.tag),
              element_source(element, document),
              {}};
    if (element.constant)
      flatten(inspect::decode_value(element.tag, element.value, inspect::Mask()), "", fact.details);
    group.facts.push_back(std::move(fact));
  }
  return group;
}

FactGroup records(const ApplicationPlan& application) {
  FactGroup group{"record", "records", {}};
  std::string covered;
  for (const RecordPlan& record : application.records) {
    const std::string content = content_text(record.content);
    group.facts.push_back({fmt::format("{}/{}", record.sfi, record.number),
                           fmt::format("record {} of file {}", record.number, record.sfi),
                           content + (record.is_signed ? ", signed" : ""),
                           {}});
    if (record.is_signed) covered += (covered.empty() ? "" : " ") + content;
  }
  if (!covered.empty())
    group.facts.push_back({"signed-data", "signed data, in this order", covered, {}});
  return group;
}

FactGroup dgis(const ApplicationPlan& application, const Plan& plan) {
  FactGroup group{"dgi", "DGIs", {}};
  std::vector<cps::DgiId> order;
  for (const DgiPlan& dgi : application.dgis) {
    order.push_back(dgi.id);
    group.facts.push_back({cps::dgi_name(dgi.id),
                           std::string(inspect::dgi_text(dgi.id)),
                           dgi_text(dgi, application, plan),
                           {}});
  }
  group.facts.push_back({"order", "in this order", ids_text(order), {}});
  return group;
}

FactGroup keys(const ApplicationPlan& application, const Plan& plan) {
  FactGroup group{"key", "keys", {}};
  for (const CardKeyPlan& key : application.keys)
    group.facts.push_back({key.name, "", key_text(key, plan), {}});
  return group;
}

FactGroup section(const ConfigValue& document, std::string kind, std::string title,
                  std::string_view key) {
  FactGroup group{std::move(kind), std::move(title), {}};
  if (const ConfigValue* map = document.find(key))
    for (const auto& pair : map->pairs)
      group.facts.push_back({pair.key->text, "", yaml_line(*pair.value), {}});
  return group;
}

}  // namespace

std::string element_source(const ElementPlan& element, const ConfigValue& document) {
  if (element.constant)
    return inspect::decode_value(element.tag, element.value, inspect::Mask()).masked
               ? "constant"
               : emvcrypto::to_hex(element.value);
  const ConfigValue* written = find_written(element, document);
  return written != nullptr ? yaml_line(*written) : "made";
}

std::string element_origin(const ElementPlan& element, const ConfigValue& document) {
  const ConfigValue* written = find_written(element, document);
  return written != nullptr ? origin_line(*written) : element.origin.text;
}

std::string content_text(const std::vector<TlvPlan>& content) {
  std::string text;
  for (const TlvPlan& item : content) {
    text +=
        (text.empty() ? "" : " ") + (item.tag == 0 ? "constant" : emvcrypto::tag_name(item.tag));
    if (!item.element) text += "(" + content_text(item.children) + ")";
  }
  return text;
}

std::string dgi_text(const DgiPlan& dgi, const ApplicationPlan& application, const Plan& plan) {
  using Kind = DgiPlan::Kind;
  const auto names = [&] {
    std::string text;
    for (const std::size_t key : dgi.keys) text += " " + application.keys[key].name;
    return text;
  };
  const auto pad = [&](std::string text) {
    if (dgi.pad == PadRule::always) text += ", padded always";
    if (dgi.pad == PadRule::never) text += ", never padded";
    return text;
  };
  switch (dgi.kind) {
    case Kind::record:
      return fmt::format("record {} of file {}", application.records[dgi.record].number,
                         application.records[dgi.record].sfi);
    case Kind::tlvs:
      return "content " + content_text(dgi.content);
    case Kind::raw:
      return "values of " + content_text(dgi.content);
    case Kind::constant:
      return "constant " + emvcrypto::to_hex(dgi.value);
    case Kind::keys:
      return pad("keys" + names());
    case Kind::kcvs:
      return "check values of" + names();
    case Kind::pin:
      return pad("reference PIN");
    case Kind::icc_part:
    case Kind::pin_key_part:
      return pad(fmt::format("{} of the {} key", kParts[static_cast<std::size_t>(dgi.part)],
                             dgi.kind == Kind::icc_part ? "card's RSA" : "PIN"));
    case Kind::given:
      return "given by the record";
    case Kind::given_secret:
      return pad("given by the record under " + plan.keys[dgi.given.under].role);
  }
  return {};
}

std::string key_text(const CardKeyPlan& key, const Plan& plan) {
  const std::string derived = "from " + plan.keys[key.master].role;
  if (!key.given) return derived;
  return "given under " + plan.keys[key.given->secret.under].role +
         (key.derived ? ", else " + derived : "");
}

std::vector<FactGroup> facts_of(const ApplicationPlan& application, const ConfigValue& document,
                                const Plan& plan) {
  return {general(application, plan), elements(application, document), records(application),
          dgis(application, plan), keys(application, plan)};
}

std::vector<FactGroup> facts_of(const CardPlan& card, const ConfigValue& document) {
  FactGroup applications{"application", "applications", {}};
  std::string order;
  for (const ApplicationPlan& application : card.applications)
    order += (order.empty() ? "" : " ") + emvcrypto::to_hex(application.aid);
  applications.facts.push_back({"order", "in this order", order, {}});
  return {applications, section(document, "value", "computed values", "values"),
          section(document, "module", "modules", "modules")};
}

}  // namespace kpd

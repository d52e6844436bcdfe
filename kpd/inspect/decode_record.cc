#include "kpd/inspect/decode_record.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/inspect/decode_dgi.h"

namespace kpd::inspect {
namespace {

constexpr std::uint8_t kPersonalise = 0x0F;  // ACT
constexpr emvcrypto::Tag kLabel = 0x50;

std::string text_or_hex(ByteView bytes) {
  const bool text = !bytes.empty() && std::ranges::all_of(bytes, [](std::uint8_t c) {
    return c >= 0x20 && c < 0x7F;
  });
  return text ? std::string(emvcrypto::as_text(bytes)) : emvcrypto::to_hex(bytes);
}

const cps::WrappedKey* find_key(std::span<const cps::WrappedKey> keys, const Bytes& id) {
  const auto found = std::ranges::find(keys, id, &cps::WrappedKey::id);
  return found == keys.end() ? nullptr : &*found;
}

/// "3DES-ECB".
std::string mode_of(const cps::TransportKeyUse& use, const cps::WrappedKey* key) {
  const std::string algorithm = key ? key->algorithm : "3DES";
  switch (cps::Cmode{use.mode}) {
    case cps::Cmode::cbc:
    case cps::Cmode::ecb:
      return mode_text(algorithm, cps::Cmode{use.mode});
  }
  return fmt::format("{}, CMODE {:02X}", algorithm, use.mode);
}

/// The keys of an application, and what they say of its DGIs.
Node decode_transport_keys(const cps::Application& application,
                           std::span<const cps::WrappedKey> keys, SecretDgis& secrets) {
  Node node = branch("transport-keys", "", "transport keys");
  if (application.transport_keys.empty()) node.value = "none";
  for (const cps::TransportKeyUse& use : application.transport_keys) {
    const cps::WrappedKey* key = find_key(keys, use.key_id);
    const std::string mode = mode_of(use, key);
    Node child = branch("transport-key", text_or_hex(use.key_id), mode);
    child.value = dgi_list(use.dgis);
    child.note = fmt::format("type {:02X}", use.type);
    if (!key) {
      child.note += ", not among the keys of the header";
      child.mood = Node::Mood::warning;
    }
    for (const cps::DgiId id : use.dgis) secrets.add(id, {text_or_hex(use.key_id), mode});
    node.add(std::move(child));
  }
  return node;
}

Node decode_step(const cps::Step& step, std::size_t number) {
  Node node = branch("step", "", fmt::format("step {}", number));
  node.value = step.action == kPersonalise ? "personalise by DGIs"
                                           : fmt::format("action {:02X}", step.action);
  if (step.required == 0) node.note = "optional";
  if (step.tag != 0xEF) node.add(field("tag", "data object", fmt::format("{:02X}", step.tag)));
  for (Node& child : decode_instructions(step.instructions)) node.add(std::move(child));
  if (!step.pointer.empty()) node.add(field("pointer", "pointer", emvcrypto::to_hex(step.pointer)));
  return node;
}

Node decode_mac(const cps::Application& application, std::span<const cps::WrappedKey> keys) {
  Node node = field("mac", "MAC", "none");
  if (application.mac.empty()) return node;
  node.value = emvcrypto::to_hex(application.mac);
  const auto key = std::ranges::find(keys, "mac", &cps::WrappedKey::use);
  node.note = fmt::format("its key: {} enciphered{}", byte_count(application.mac_key.size()),
                          key == keys.end() ? "" : " under " + key->kek);
  return node;
}

std::string label_of(const cps::Application& application, const SecretDgis& secrets) {
  for (const cps::Dgi& dgi : application.dgis) {
    if (secrets.find(dgi.id)) continue;
    if (const auto label = emvcrypto::find_tlv(dgi.value, kLabel))
      return std::string(emvcrypto::as_text(*label));
  }
  return {};
}

Node decode_application(const cps::Application& application, std::span<const cps::WrappedKey> keys,
                        const Mask& mask) {
  SecretDgis secrets;
  Node transport_keys = decode_transport_keys(application, keys, secrets);
  for (const cps::Step& step : application.steps)
    for (const cps::EncipheredDgi& entry : step.instructions.enciphered)
      if (!secrets.find(entry.id)) secrets.add(entry.id, {});

  Node node = application_node(application.aid);
  if (node.note.empty()) node.note = label_of(application, secrets);
  node.add(std::move(transport_keys));
  if (!application.owner.empty())
    node.add(field("owner", "owner", emvcrypto::to_hex(application.owner)));
  for (std::size_t i = 0; i < application.steps.size(); ++i)
    node.add(decode_step(application.steps[i], i + 1));
  if (!application.log_data.empty())
    node.add(field("log", "data for the log", mask.hex(application.log_data, true)));
  Node dgis = branch("dgis", "", "data groupings");
  dgis.value = std::to_string(application.dgis.size());
  for (const cps::Dgi& dgi : application.dgis)
    dgis.add(decode_dgi(dgi, application.dgis, secrets, mask));
  node.add(std::move(dgis));
  node.add(decode_mac(application, keys));
  return node;
}

std::string statements(const std::vector<std::vector<cps::DgiId>>& lists) {
  std::string text;
  for (const auto& list : lists) text += (text.empty() ? "" : "; ") + dgi_list(list);
  return text;
}

std::string security_level(std::uint8_t level) {
  switch (level) {
    case 0x00:
      return "00, no secure messaging";
    case 0x01:
      return "01, C-MAC";
    case 0x03:
      return "03, C-MAC and C-ENC";
    default:
      return fmt::format("{:02X}", level);
  }
}

}  // namespace

void learn(Mask& mask, const cps::Record& record) {
  for (const cps::Application& application : record.applications)
    for (const cps::Dgi& dgi : application.dgis)
      if (dgi.id < 0x8000 || dgi.id >= 0x9000) mask.learn(dgi.value);
}

std::string dgi_list(std::span<const cps::DgiId> ids) {
  std::string text;
  for (const cps::DgiId id : ids) text += (text.empty() ? "" : " ") + cps::dgi_name(id);
  return text;
}

Node application_node(ByteView aid) {
  Node node = branch("application", emvcrypto::to_hex(aid), "application");
  const std::string text = text_or_hex(aid);
  node.value = node.id;
  node.quiet_id = true;
  if (text != node.id) node.note = text;
  return node;
}

std::vector<Node> decode_instructions(const cps::DeviceInstructions& instructions) {
  std::vector<Node> nodes;
  const auto put = [&](const char* id, const char* label, const std::string& value) {
    if (!value.empty()) nodes.push_back(field(id, label, value));
  };
  put("security-level", "security level", security_level(instructions.security_level));
  put("order", "in this order", statements(instructions.order));
  put("groups", "in one command", statements(instructions.groups));
  put("version-control", "the card may refuse", dgi_list(instructions.version_control));
  std::string enciphered;
  for (const cps::EncipheredDgi& entry : instructions.enciphered)
    enciphered += fmt::format("{}{}{}", enciphered.empty() ? "" : " ", cps::dgi_name(entry.id),
                              entry.type == 0x11 ? "" : fmt::format(" (type {:02X})", entry.type));
  put("enciphered", "enciphered for the card", enciphered);
  put("random", "random", emvcrypto::to_hex(instructions.random));
  if (instructions.update_cplc != 0)
    put("update-cplc", "update CPLC", fmt::format("{:02X}", instructions.update_cplc));
  return nodes;
}

std::vector<Node> decode_record(const cps::Record& record, std::span<const cps::WrappedKey> keys,
                                const Mask& mask) {
  std::vector<Node> nodes;
  nodes.push_back(field("layout", "layout", record.layout_version));
  nodes.push_back(field("reference", "reference (CRN)", emvcrypto::to_hex(record.reference)));
  nodes.push_back(field("status", "status", record.status));
  for (const Bytes& id : record.product_ids)
    nodes.push_back(field("product-id", "product id", emvcrypto::to_hex(id)));
  for (const cps::Application& application : record.applications)
    nodes.push_back(decode_application(application, keys, mask));
  return nodes;
}

}  // namespace kpd::inspect

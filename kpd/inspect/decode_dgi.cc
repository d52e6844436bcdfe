#include "kpd/inspect/decode_dgi.h"

#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/tags.h"
#include "kpd/inspect/decode_tlv.h"

namespace kpd::inspect {
namespace {

constexpr cps::DgiId kPinTries = 0x9010;
constexpr std::size_t kKcvSize = 3, kKeySize = 16;
constexpr std::uint8_t kRecordTemplate = 0x70;

bool is_always_secret(cps::DgiId id) {
  return id >= 0x8000 && id < 0x9000;
}

/// 0101-1EFF holding a template 70: a record of a file (EMV CPS 1.1, 3.2).
bool is_record(const cps::Dgi& dgi) {
  return dgi.id >= 0x0101 && dgi.id < 0x1F00 && (dgi.id & 0xFF) != 0 && !dgi.value.empty() &&
         dgi.value[0] == kRecordTemplate;
}

/// 9xxx beside an 8xxx of 16-byte keys, with 3 bytes for each of them.
std::optional<cps::DgiId> keys_checked_by(const cps::Dgi& dgi, std::span<const cps::Dgi> siblings) {
  if (dgi.id < 0x9000 || dgi.id >= 0xA000 || dgi.value.empty()) return std::nullopt;
  const auto keys = static_cast<cps::DgiId>(dgi.id - 0x1000);
  const auto found = std::ranges::find(siblings, keys, &cps::Dgi::id);
  const bool fits =
      found != siblings.end() && found->value.size() * kKcvSize == dgi.value.size() * kKeySize;
  return fits ? std::optional(keys) : std::nullopt;
}

std::string label_of(const cps::Dgi& dgi) {
  if (is_record(dgi)) return fmt::format("record {} of SFI {}", dgi.id & 0xFF, dgi.id >> 8);
  return std::string(dgi_text(dgi.id));
}

/// BER-TLV with names that the dictionary knows; positional data seldom looks so.
std::optional<std::vector<Node>> decode_objects(const cps::Dgi& dgi, const Mask& mask) {
  const auto objects = emvcrypto::parse_tlv_list(dgi.value);
  if (!objects || objects->empty()) return std::nullopt;
  const bool known = std::ranges::all_of(*objects, [](const emvcrypto::TlvView& object) {
    return emvcrypto::find_tag_info(object.tag) != nullptr || emvcrypto::tag_size(object.tag) > 1;
  });
  if (!known && !is_record(dgi)) return std::nullopt;
  return decode_tlvs(dgi.value, mask);
}

void put_check_values(ByteView values, cps::DgiId keys, Node& node) {
  node.label = "check values of the keys in " + cps::dgi_name(keys);
  for (; !values.empty(); values = values.subspan(kKcvSize))
    node.value += (node.value.empty() ? "" : " ") + emvcrypto::to_hex(values.first(kKcvSize));
}

}  // namespace

std::string mode_text(const std::string& algorithm, cps::Cmode mode) {
  return algorithm + (mode == cps::Cmode::cbc ? "-CBC" : "-ECB");
}

std::optional<Encipherment> SecretDgis::find(cps::DgiId id) const {
  const auto found = known_.find(id);
  if (found != known_.end()) return found->second;
  return is_always_secret(id) ? std::optional(Encipherment{}) : std::nullopt;
}

Node decode_dgi(const cps::Dgi& dgi, std::span<const cps::Dgi> siblings, const SecretDgis& secrets,
                const Mask& mask) {
  Node node = branch("dgi", cps::dgi_name(dgi.id), label_of(dgi));
  const std::string size = byte_count(dgi.value.size());
  if (const auto how = secrets.find(dgi.id)) {
    if (!how->key.empty()) {
      node.value = fmt::format("{} enciphered under {} ({})", size, how->key, how->mode);
    } else {
      node.value = size + ", not shown";
      node.note = "no transport key is named for it";
      node.mood = Node::Mood::warning;
    }
    return node;
  }
  if (dgi.value.empty()) {
    node.value = "empty";
  } else if (const auto keys = keys_checked_by(dgi, siblings)) {
    put_check_values(dgi.value, *keys, node);
    node.bytes = emvcrypto::to_hex(dgi.value);
  } else if (dgi.id == kPinTries && dgi.value.size() == 2) {
    node.value = fmt::format("{} left of {}", dgi.value[0], dgi.value[1]);
    node.bytes = emvcrypto::to_hex(dgi.value);
  } else if (auto objects = decode_objects(dgi, mask)) {
    node.note = size;
    node.children = *std::move(objects);
  } else {
    node.value = mask.hex(dgi.value, true);
    node.masked = node.value != emvcrypto::to_hex(dgi.value);
    node.note = size;
    if (!node.masked) node.bytes = node.value;
  }
  return node;
}

}  // namespace kpd::inspect

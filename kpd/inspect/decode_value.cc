#include "kpd/inspect/decode_value.h"

#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/dates.h"
#include "emvcrypto/tags.h"

namespace kpd::inspect {
namespace {

using emvcrypto::Format;
using emvcrypto::TagInfo;

/// Fills value and children of a node; false when the bytes are not what they should be.
using Decoder = bool (*)(ByteView bytes, Node& node);

void put_hex(ByteView bytes, Node& node) {
  node.value = emvcrypto::to_hex(bytes);
}

bool put_children(std::optional<std::vector<Node>> children, Node& node) {
  if (!children) return false;
  node.children = *std::move(children);
  return true;
}

/// A value of bits, by the dictionary that `meanings` gives.
template <std::span<const BitMeaning> (*meanings)()>
bool bits(ByteView bytes, Node& node) {
  put_hex(bytes, node);
  node.children = decode_bits(bytes, meanings());
  return true;
}

bool cvm_list(ByteView bytes, Node& node) {
  put_hex(bytes, node);
  return put_children(decode_cvm_list(bytes), node);
}

bool afl(ByteView bytes, Node& node) {
  put_hex(bytes, node);
  return put_children(decode_afl(bytes), node);
}

bool dol(ByteView bytes, Node& node) {
  return put_children(decode_dol(bytes), node);
}

bool tag_list(ByteView bytes, Node& node) {
  std::vector<Node> tags;
  while (!bytes.empty()) {
    std::size_t size = 1;
    if ((bytes[0] & 0x1F) == 0x1F)
      while (size < bytes.size() && (bytes[size++] & 0x80) != 0) continue;
    const auto tag = emvcrypto::parse_tag(emvcrypto::to_hex(bytes.first(size)));
    if (!tag) return false;
    tags.push_back(branch("tag-name", emvcrypto::tag_name(*tag), tag_label(*tag)));
    bytes = bytes.subspan(size);
  }
  node.children = std::move(tags);
  return true;
}

bool date(ByteView bytes, Node& node) {
  const auto day = emvcrypto::parse_yymmdd(emvcrypto::to_hex(bytes));
  if (day) node.value = day->iso();
  return day.has_value();
}

bool number(ByteView bytes, Node& node) {
  if (bytes.size() > 8) return false;
  node.value = std::to_string(emvcrypto::to_number(bytes));
  return true;
}

bool digits(ByteView bytes, Node& node) {
  put_hex(bytes, node);
  return node.value.find_first_not_of("0123456789") == std::string::npos;
}

/// Three digits behind a filler: countries, currencies, service codes.
bool three_digits(ByteView bytes, Node& node) {
  if (bytes.size() != 2 || !digits(bytes, node) || node.value[0] != '0') return false;
  node.value.erase(0, 1);
  return true;
}

bool amount(ByteView bytes, Node& node) {
  if (!digits(bytes, node)) return false;
  node.value.erase(0, std::min(node.value.find_first_not_of('0'), node.value.size() - 1));
  return true;
}

bool is_plain_text(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t c) { return c >= 0x20 && c != 0x7F; });
}

bool text(ByteView bytes, Node& node) {
  node.value = emvcrypto::as_text(bytes);
  node.quoted = true;
  return is_plain_text(bytes);
}

bool name_of_file(ByteView bytes, Node& node) {
  put_hex(bytes, node);
  if (is_plain_text(bytes) && std::ranges::all_of(bytes, [](std::uint8_t c) { return c < 0x7F; }))
    node.note = emvcrypto::as_text(bytes);
  return true;
}

/// Objects that say more than their format alone.
struct Known {
  Tag tag;
  Decoder decode;
};
constexpr Known kKnown[] = {
    {0x4F, name_of_file},
    {0x82, bits<aip_bits>},
    {0x84, name_of_file},
    {0x87, number},
    {0x88, number},
    {0x8E, cvm_list},
    {0x94, afl},
    {0x95, bits<tvr_bits>},
    {0x9A, date},
    {0x9D, name_of_file},
    {0xC6, number},
    {0xC7, number},
    {0xC8, three_digits},
    {0xC9, three_digits},
    {0x5F24, date},
    {0x5F25, date},
    {0x5F28, three_digits},
    {0x5F2A, three_digits},
    {0x5F30, three_digits},
    {0x9F06, name_of_file},
    {0x9F07, bits<auc_bits>},
    {0x9F0D, bits<tvr_bits>},
    {0x9F0E, bits<tvr_bits>},
    {0x9F0F, bits<tvr_bits>},
    {0x9F13, number},
    {0x9F14, number},
    {0x9F17, number},
    {0x9F1A, three_digits},
    {0x9F23, number},
    {0x9F2E, number},
    {0x9F32, number},
    {0x9F36, number},
    {0x9F42, three_digits},
    {0x9F47, number},
    {0x9F4A, tag_list},
    {0x9F51, three_digits},
    {0x9F53, number},
    {0x9F57, three_digits},
    {0x9F58, number},
    {0x9F59, number},
    {0x9F72, number},
    {0x9F76, three_digits},
};
static_assert(std::ranges::is_sorted(kKnown, {}, &Known::tag));

bool hexadecimal(ByteView bytes, Node& node) {
  put_hex(bytes, node);
  return true;
}

Decoder decoder_of(const TagInfo& info) {
  constexpr std::size_t kAmountSize = 6;
  const auto* known = std::ranges::lower_bound(kKnown, info.tag, {}, &Known::tag);
  if (known != std::end(kKnown) && known->tag == info.tag) return known->decode;
  switch (info.format) {
    case Format::numeric:
      return info.max_length == kAmountSize ? amount : digits;
    case Format::alphabetic:
    case Format::alphanumeric:
    case Format::special:
      return text;
    case Format::dol:
      return dol;
    case Format::compressed_numeric:
    case Format::binary:
    case Format::template_:
      return hexadecimal;
  }
  return hexadecimal;
}

void warn(Node& node, const std::string& what) {
  node.mood = Node::Mood::warning;
  node.note += (node.note.empty() ? "" : "; ") + what;
}

void check_length(const TagInfo& info, ByteView value, Node& node) {
  if (value.size() >= info.min_length && value.size() <= info.max_length) return;
  warn(node, info.min_length == info.max_length
                 ? fmt::format("{}, should be {}", byte_count(value.size()), info.min_length)
                 : fmt::format("{}, should be {} to {}", byte_count(value.size()), info.min_length,
                               info.max_length));
}

/// Cardholder data: what the mask lets through; open, the bytes beside it.
void decode_cardholder(Tag tag, ByteView value, const Mask& mask, Node& node) {
  node.value = decode_cardholder_data(tag, value, mask);
  node.masked = !mask.open();
  if (mask.open()) node.bytes = emvcrypto::to_hex(value);
}

}  // namespace

std::string tag_label(Tag tag) {
  const TagInfo* info = emvcrypto::find_tag_info(tag);
  return info ? std::string(info->name) : "unknown";
}

Node decode_value(Tag tag, ByteView value, const Mask& mask) {
  Node node = branch("tag", emvcrypto::tag_name(tag), tag_label(tag));
  const TagInfo* info = emvcrypto::find_tag_info(tag);
  if (info && info->sensitive) {
    decode_cardholder(tag, value, mask, node);
    check_length(*info, value, node);
    return node;
  }
  const std::string hex = mask.hex(value, info == nullptr);
  node.masked = hex != emvcrypto::to_hex(value);
  if (value.empty()) {
    node.value = "empty";
  } else if (!info || node.masked) {
    node.value = hex;
  } else if (!decoder_of(*info)(value, node)) {
    node.value = hex;
    node.quoted = false;
    node.children.clear();
    warn(node, "not what its format says");
  }
  if (!node.masked) node.bytes = hex;
  if (info) check_length(*info, value, node);
  return node;
}

}  // namespace kpd::inspect

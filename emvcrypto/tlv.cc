#include "emvcrypto/tlv.h"

namespace emvcrypto {
namespace {

constexpr int kMaxDepth = 8;

std::optional<Tag> take_tag(ByteView& input) {
  if (input.empty()) return std::nullopt;
  Tag tag = input[0];
  std::size_t used = 1;
  if ((input[0] & 0x1F) == 0x1F) {
    do {
      if (used == input.size() || used == 4) return std::nullopt;
      tag = tag << 8 | input[used];
    } while ((input[used++] & 0x80) != 0);
  }
  input = input.subspan(used);
  return tag;
}

std::optional<std::size_t> take_length(ByteView& input) {
  if (input.empty()) return std::nullopt;
  const std::uint8_t first = input[0];
  if (first < 0x80) {
    input = input.subspan(1);
    return first;
  }
  const std::size_t count = first & 0x7F;
  if (count == 0 || count > 3 || input.size() < 1 + count) return std::nullopt;
  const std::size_t length = to_number(input.subspan(1, count));
  input = input.subspan(1 + count);
  return length;
}

ByteView without_padding(ByteView input) {
  while (!input.empty() && (input[0] == 0x00 || input[0] == 0xFF)) input = input.subspan(1);
  return input;
}

std::optional<std::vector<Tlv>> parse_tree(ByteView input, int depth) {
  if (depth > kMaxDepth) return std::nullopt;
  auto views = parse_tlv_list(input);
  if (!views) return std::nullopt;
  std::vector<Tlv> objects;
  objects.reserve(views->size());
  for (const TlvView& view : *views) {
    Tlv object{view.tag, Bytes(view.value.begin(), view.value.end()), {}};
    if (is_constructed(view.tag)) {
      auto children = parse_tree(view.value, depth + 1);
      if (!children) return std::nullopt;
      object.children = *std::move(children);
    }
    objects.push_back(std::move(object));
  }
  return objects;
}

std::optional<ByteView> find_at(ByteView input, Tag tag, int depth) {
  if (depth > kMaxDepth) return std::nullopt;
  for (input = without_padding(input); !input.empty(); input = without_padding(input)) {
    auto object = next_tlv(input);
    if (!object) return std::nullopt;
    if (object->tag == tag) return object->value;
    if (!is_constructed(object->tag)) continue;
    if (auto found = find_at(object->value, tag, depth + 1)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::size_t tag_size(Tag tag) {
  if (tag > 0xFFFFFF) return 4;
  if (tag > 0xFFFF) return 3;
  return tag > 0xFF ? 2 : 1;
}

Bytes tag_bytes(Tag tag) {
  Bytes bytes;
  append_number(bytes, tag, tag_size(tag));
  return bytes;
}

bool is_constructed(Tag tag) {
  return (tag >> (8 * (tag_size(tag) - 1)) & 0x20) != 0;
}

std::string tag_name(Tag tag) {
  return to_hex(tag_bytes(tag));
}

std::optional<Tag> parse_tag(std::string_view hex) {
  const auto bytes = parse_hex(hex);
  if (!bytes) return std::nullopt;
  ByteView rest = *bytes;
  const auto tag = take_tag(rest);
  if (!tag || !rest.empty() || *tag == 0) return std::nullopt;
  return tag;
}

void append_length(Bytes& to, std::size_t length) {
  if (length < 0x80) {
    append_number(to, length, 1);
    return;
  }
  const std::size_t count = length > 0xFFFF ? 3 : length > 0xFF ? 2 : 1;
  append_number(to, (0x80 + count) << (8 * count) | length, 1 + count);
}

void append_tlv(Bytes& to, Tag tag, ByteView value) {
  append_number(to, tag, tag_size(tag));
  append_length(to, value.size());
  append(to, value);
}

Bytes make_tlv(Tag tag, ByteView value) {
  Bytes object;
  append_tlv(object, tag, value);
  return object;
}

std::optional<TlvView> next_tlv(ByteView& input) {
  ByteView rest = input;
  const auto tag = take_tag(rest);
  if (!tag) return std::nullopt;
  const auto length = take_length(rest);
  if (!length || *length > rest.size()) return std::nullopt;
  const std::size_t whole = input.size() - rest.size() + *length;
  TlvView object{*tag, rest.first(*length), input.first(whole)};
  input = input.subspan(whole);
  return object;
}

std::optional<std::vector<TlvView>> parse_tlv_list(ByteView input) {
  std::vector<TlvView> objects;
  for (input = without_padding(input); !input.empty(); input = without_padding(input)) {
    auto object = next_tlv(input);
    if (!object) return std::nullopt;
    objects.push_back(*object);
  }
  return objects;
}

std::optional<std::vector<Tlv>> parse_tlv_tree(ByteView input) {
  return parse_tree(input, 0);
}

std::optional<ByteView> find_tlv(ByteView input, Tag tag) {
  return find_at(input, tag, 0);
}

std::optional<std::vector<DolEntry>> parse_dol(ByteView dol) {
  std::vector<DolEntry> entries;
  while (!dol.empty()) {
    const auto tag = take_tag(dol);
    if (!tag || dol.empty()) return std::nullopt;
    entries.push_back({*tag, dol[0]});
    dol = dol.subspan(1);
  }
  return entries;
}

}  // namespace emvcrypto

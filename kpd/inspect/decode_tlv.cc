#include "kpd/inspect/decode_tlv.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/exit_code.h"

namespace kpd::inspect {
namespace {

/// How many bytes at the front are sound objects of the first level.
std::size_t sound_bytes(ByteView list) {
  ByteView rest = list;
  while (const auto object = emvcrypto::next_tlv(rest)) {
    if (emvcrypto::is_constructed(object->tag) && !emvcrypto::parse_tlv_tree(object->whole))
      return list.size() - rest.size() - object->whole.size();
  }
  return list.size() - rest.size();
}

}  // namespace

Node decode_object(Tag tag, ByteView value, const Mask& mask) {
  if (!emvcrypto::is_constructed(tag)) return decode_value(tag, value, mask);
  auto children = decode_tlvs(value, mask);
  if (!children) return decode_value(tag, value, mask);
  Node node = branch("template", emvcrypto::tag_name(tag), tag_label(tag));
  if (children->empty()) node.value = "empty";
  node.children = *std::move(children);
  return node;
}

std::optional<std::vector<Node>> decode_tlvs(ByteView list, const Mask& mask) {
  const auto objects = emvcrypto::parse_tlv_list(list);
  if (!objects || !emvcrypto::parse_tlv_tree(list)) return std::nullopt;
  std::vector<Node> nodes;
  for (const emvcrypto::TlvView& object : *objects)
    nodes.push_back(decode_object(object.tag, object.value, mask));
  return nodes;
}

void inspect_tlv(std::string_view hex, TreeWriter& writer) {
  std::string text(hex);
  std::erase_if(text, [](char c) { return c == ' ' || c == ':'; });
  const auto bytes = emvcrypto::parse_hex(text);
  if (!bytes || bytes->empty())
    throw Failure(ExitCode::usage, "--tlv wants hexadecimal digits, two a byte");
  Mask mask;
  mask.learn(*bytes);
  const auto objects = decode_tlvs(*bytes, mask);
  if (!objects)
    throw Failure(ExitCode::usage,
                  fmt::format("this is not BER-TLV from byte {} on", sound_bytes(*bytes)));
  write_tree(writer, "tlv", [&] {
    Node all = branch("tlv", "", byte_count(bytes->size()) + " of BER-TLV");
    all.children = *objects;
    writer.section(all);
  });
}

}  // namespace kpd::inspect

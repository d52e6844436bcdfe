// Objects that are lists: bits, CVM rules, AFL and DOL entries.
#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/afl.h"
#include "kpd/inspect/decode_value.h"

namespace kpd::inspect {
namespace {

constexpr std::size_t kAmountSize = 4;  ///< X and Y of a CVM list
constexpr std::uint8_t kNextRule = 0x40, kMethod = 0x3F;
constexpr std::uint8_t kFail = 0x00, kNoCvm = 0x1F;  ///< methods that cannot fail, or always do

Node decode_rule(std::uint8_t method, std::uint8_t condition) {
  const auto or_reserved = [](std::string_view text) {
    return std::string(text.empty() ? "reserved" : text);
  };
  Node rule;
  rule.kind = "rule";
  rule.id = fmt::format("{:02X}{:02X}", method, condition);
  rule.label = or_reserved(cvm_text(method & kMethod));
  rule.value = or_reserved(cvm_condition_text(condition));
  if ((method & kMethod) != kFail && (method & kMethod) != kNoCvm)
    rule.note = (method & kNextRule) != 0 ? "else the next rule" : "else it failed";
  return rule;
}

}  // namespace

std::vector<Node> decode_bits(ByteView value, std::span<const BitMeaning> meanings) {
  std::vector<Node> bits;
  for (std::size_t i = 0; i < value.size(); ++i)
    for (int bit = 8; bit >= 1; --bit) {
      if ((value[i] >> (bit - 1) & 1) == 0) continue;
      const int byte = static_cast<int>(i) + 1;
      const auto meaning = std::ranges::find_if(
          meanings, [&](const BitMeaning& one) { return one.byte == byte && one.bit == bit; });
      bits.push_back(branch("bit", fmt::format("{}.{}", byte, bit),
                            std::string(meaning == meanings.end() ? "reserved" : meaning->text)));
    }
  return bits;
}

std::optional<std::vector<Node>> decode_cvm_list(ByteView list) {
  if (list.size() < 2 * kAmountSize + 2 || list.size() % 2 != 0) return std::nullopt;
  std::vector<Node> nodes;
  const std::uint64_t x = emvcrypto::to_number(list.first(kAmountSize));
  const std::uint64_t y = emvcrypto::to_number(list.subspan(kAmountSize, kAmountSize));
  if (x != 0) nodes.push_back(field("X", "amount X", std::to_string(x)));
  if (y != 0) nodes.push_back(field("Y", "amount Y", std::to_string(y)));
  for (std::size_t i = 2 * kAmountSize; i < list.size(); i += 2)
    nodes.push_back(decode_rule(list[i], list[i + 1]));
  return nodes;
}

std::optional<std::vector<Node>> decode_afl(ByteView afl) {
  const auto entries = emvcrypto::parse_afl(afl);
  if (!entries) return std::nullopt;
  std::vector<Node> nodes;
  for (const emvcrypto::AflEntry& entry : *entries) {
    Node node = branch("afl-entry", fmt::format("SFI {}", entry.sfi),
                       entry.first == entry.last
                           ? fmt::format("record {}", entry.first)
                           : fmt::format("records {} to {}", entry.first, entry.last));
    const int records = entry.last - entry.first + 1;
    if (entry.signed_count == 0)
      node.value = "not signed";
    else if (entry.signed_count == records)
      node.value = "signed";
    else
      node.value = fmt::format("the first {} of {} signed", entry.signed_count, records);
    nodes.push_back(std::move(node));
  }
  return nodes;
}

std::optional<std::vector<Node>> decode_dol(ByteView dol) {
  const auto entries = emvcrypto::parse_dol(dol);
  if (!entries) return std::nullopt;
  std::vector<Node> nodes;
  for (const emvcrypto::DolEntry& entry : *entries) {
    Node node = branch("dol-entry", emvcrypto::tag_name(entry.tag), tag_label(entry.tag));
    node.value = byte_count(entry.length);
    nodes.push_back(std::move(node));
  }
  return nodes;
}

}  // namespace kpd::inspect

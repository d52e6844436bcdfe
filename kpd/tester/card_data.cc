#include "kpd/tester/card_data.h"

#include <algorithm>

#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::ByteView;
using emvcrypto::Tag;
using emvcrypto::Tlv;

void add_tree(CardData& data, const std::vector<Tlv>& tree, const std::string& where,
              std::vector<Tag>& twice) {
  for (const Tlv& object : tree) {
    if (emvcrypto::is_constructed(object.tag))
      add_tree(data, object.children, where, twice);
    else if (!data.add(object.tag, object.value, where))
      twice.push_back(object.tag);
  }
}

}  // namespace

std::string ReadRecord::name() const {
  return "record " + std::to_string(sfi) + "." + std::to_string(number);
}

bool CardData::add(Tag tag, ByteView value, const std::string& where) {
  return objects_.try_emplace(tag, Object{{value.begin(), value.end()}, where}).second;
}

std::optional<std::vector<Tag>> CardData::add_list(ByteView list, const std::string& where) {
  const auto tree = emvcrypto::parse_tlv_tree(list);
  if (!tree) return std::nullopt;
  std::vector<Tag> twice;
  add_tree(*this, *tree, where, twice);
  return twice;
}

const emvcrypto::Bytes* CardData::find(Tag tag) const {
  const auto found = objects_.find(tag);
  return found == objects_.end() ? nullptr : &found->second.value;
}

ByteView CardData::get(Tag tag) const {
  const auto* value = find(tag);
  return value ? ByteView(*value) : ByteView();
}

std::string CardData::pan() const {
  return digits_of(get(tags::kPan)).value_or("");
}

std::string CardData::psn() const {
  const auto digits = digits_of(get(tags::kPsn));
  return digits && digits->size() == 2 ? *digits : "00";
}

std::optional<std::string> digits_of(ByteView value) {
  std::string digits = emvcrypto::to_hex(value);
  const auto end = digits.find_last_not_of('F');
  digits.resize(end == std::string::npos ? 0 : end + 1);
  const bool decimal =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return decimal ? std::optional(digits) : std::nullopt;
}

}  // namespace kpd::tester

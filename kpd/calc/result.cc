#include "kpd/calc/result.h"

#include "emvcrypto/kcv.h"

namespace kpd::calc {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Secret;

namespace {

Item item_of(const inspect::Node& node) {
  Item item;
  item.shape = Item::Shape::node;
  const auto add = [&item](const char* name, const std::string& text) {
    if (text.empty()) return;
    Item part;
    part.shape = Item::Shape::text;
    part.name = name;
    part.text = text;
    item.members.push_back(std::move(part));
  };
  add("id", node.id);
  add("name", node.label);
  add("value", node.value);
  add("note", node.note);
  if (node.bytes != node.value) add("bytes", node.bytes);
  if (node.mood == inspect::Node::Mood::warning) {
    Item warning;
    warning.shape = Item::Shape::truth;
    warning.name = "warning";
    warning.number = 1;
    item.members.push_back(std::move(warning));
  }
  if (node.children.empty()) return item;
  Item inside;
  inside.shape = Item::Shape::list;
  inside.name = "inside";
  for (const inspect::Node& child : node.children) inside.members.push_back(item_of(child));
  item.members.push_back(std::move(inside));
  return item;
}

}  // namespace

Bytes key_check_value(const Secret& key, KeyType type) {
  switch (type) {
    case KeyType::des:
      return emvcrypto::des_kcv(*emvcrypto::make_des(key.expose()));
    case KeyType::aes:
      return emvcrypto::aes_cmac_kcv(key.expose());
    case KeyType::aes_card:
      return emvcrypto::aes_gp_kcv(*emvcrypto::make_aes(key.expose()));
  }
  return {};
}

Result::Result(const Disclosure& disclosure) : state_(std::make_shared<State>(disclosure)) {}

Result::Result(std::shared_ptr<State> state, std::vector<std::size_t> path)
    : state_(std::move(state)), path_(std::move(path)) {}

void Result::learn_pan(std::string_view digits) {
  state_->mask.learn_pan(digits);
}

void Result::learn_tlv(ByteView tlvs) {
  state_->mask.learn(tlvs);
}

Item& Result::here() {
  Item* item = &state_->root;
  for (const std::size_t place : path_) item = &item->members.at(place);
  return *item;
}

Item& Result::add(std::string_view name, Item::Shape shape) {
  Item item;
  item.shape = shape;
  item.name = name;
  return here().members.emplace_back(std::move(item));
}

void Result::hex(std::string_view name, ByteView bytes) {
  const std::string shown = state_->mask.hex(bytes, false);
  add(name, Item::Shape::text).text = shown;
}

void Result::text(std::string_view name, std::string_view text) {
  add(name, Item::Shape::text).text = text;
}

void Result::free_text(std::string_view name, std::string_view text) {
  const std::string shown = state_->mask.text(text);
  add(name, Item::Shape::text).text = shown;
}

void Result::number(std::string_view name, std::uint64_t number) {
  add(name, Item::Shape::number).number = number;
}

void Result::truth(std::string_view name, bool holds) {
  add(name, Item::Shape::truth).number = holds ? 1 : 0;
}

void Result::pan(std::string_view name, std::string_view digits) {
  const std::string shown = state_->mask.pan(digits);
  add(name, Item::Shape::text).text = shown;
}

void Result::check_value(std::string_view name, const Secret& key, KeyType type) {
  group(name).hex("kcv", key_check_value(key, type));
}

void Result::key(std::string_view name, const Secret& key, KeyType type) {
  Result group = this->group(name);
  if (shows_secrets())
    group.add("value", Item::Shape::text).text = emvcrypto::to_hex(key.expose());
  else
    group.truth("hidden", true);
  group.add("kcv", Item::Shape::text).text = emvcrypto::to_hex(key_check_value(key, type));
}

void Result::secret(std::string_view name, const Secret& secret, bool hex) {
  Result group = this->group(name);
  if (shows_secrets())
    group.add("value", Item::Shape::text).text =
        hex ? emvcrypto::to_hex(secret.expose()) : std::string(emvcrypto::as_text(secret.expose()));
  else
    group.truth("hidden", true);
}

Result Result::inside(std::string_view name, Item::Shape shape) {
  add(name, shape);
  std::vector<std::size_t> path = path_;
  path.push_back(here().members.size() - 1);
  return Result(state_, std::move(path));
}

Result Result::group(std::string_view name) {
  return inside(name, Item::Shape::group);
}

Result Result::list(std::string_view name) {
  return inside(name, Item::Shape::list);
}

void Result::nodes(std::string_view name, const std::vector<inspect::Node>& nodes) {
  Item& list = add(name, Item::Shape::list);
  for (const inspect::Node& node : nodes) list.members.push_back(item_of(node));
}

}  // namespace kpd::calc

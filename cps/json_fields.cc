#include "cps/json_fields.h"

namespace cps {

Fields::Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
  if (!object.is_object()) throw Refusal{where_ + " is not a JSON object"};
}

const Json& Fields::take(const char* name, bool (Json::*is_right)() const noexcept,
                         const char* kind) {
  const auto field = object_.find(name);
  if (field == object_.end()) throw Refusal{where_ + " has no " + name};
  if (!((*field).*is_right)()) throw Refusal{where_ + ": " + name + " is not " + kind};
  ++taken_;
  return *field;
}

const Json& Fields::object(const char* name) {
  return take(name, &Json::is_object, "an object");
}

const Json& Fields::list(const char* name) {
  return take(name, &Json::is_array, "a list");
}

std::string Fields::text(const char* name) {
  return take(name, &Json::is_string, "a text").get<std::string>();
}

std::uint64_t Fields::count(const char* name) {
  return take(name, &Json::is_number_unsigned, "a number").get<std::uint64_t>();
}

std::uint64_t Fields::count(const char* name, std::uint64_t low, std::uint64_t high) {
  const std::uint64_t value = count(name);
  if (value < low || value > high)
    throw Refusal{where_ + ": " + name + " is not " + std::to_string(low) + " to " +
                  std::to_string(high)};
  return value;
}

bool Fields::truth(const char* name) {
  return take(name, &Json::is_boolean, "true or false").get<bool>();
}

emvcrypto::Bytes Fields::hex(const char* name) {
  auto bytes = emvcrypto::parse_hex(text(name));
  if (!bytes) throw Refusal{where_ + ": " + name + " is not hexadecimal"};
  return *std::move(bytes);
}

std::size_t Fields::choice(const char* name, std::initializer_list<std::string_view> names) {
  const std::string value = text(name);
  std::size_t place = 0;
  for (const std::string_view one : names) {
    if (one == value) return place;
    ++place;
  }
  throw Refusal{where_ + ": " + name + " '" + value + "' is not known"};
}

char Fields::character(const char* name) {
  const std::string value = text(name);
  if (value.size() != 1) throw Refusal{where_ + ": " + name + " is not one character"};
  return value[0];
}

void Fields::expect_no_more() const {
  if (taken_ != object_.size()) throw Refusal{where_ + " has an unknown field"};
}

}  // namespace cps

#include "cps/json_fields.h"

#include <algorithm>

namespace cps {

FieldReader::FieldReader(const Json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object.is_object()) throw Refusal{where_ + " is not a JSON object"};
}

const Json& FieldReader::take(const char* name, bool (Json::*is_right)() const noexcept,
                              const char* kind) {
  const auto field = object_.find(name);
  if (field == object_.end()) throw Refusal{where_ + " has no " + name};
  if (!((*field).*is_right)()) throw Refusal{where_ + ": " + name + " is not " + kind};
  ++taken_;
  return *field;
}

const Json& FieldReader::object_of(const char* name) {
  return take(name, &Json::is_object, "an object");
}

const Json& FieldReader::list_of(const char* name) {
  return take(name, &Json::is_array, "a list");
}

void FieldReader::text(const char* name, std::string& value) {
  value = take(name, &Json::is_string, "a text").get<std::string>();
}

std::uint64_t FieldReader::count(const char* name, std::uint64_t low, std::uint64_t high) {
  const auto value = take(name, &Json::is_number_unsigned, "a number").get<std::uint64_t>();
  if (value < low || value > high)
    throw Refusal{where_ + ": " + name + " is not " + std::to_string(low) + " to " +
                  std::to_string(high)};
  return value;
}

void FieldReader::truth(const char* name, bool& value) {
  value = take(name, &Json::is_boolean, "true or false").get<bool>();
}

void FieldReader::hex(const char* name, Bytes& value) {
  std::string digits;
  text(name, digits);
  auto bytes = emvcrypto::parse_hex(digits);
  if (!bytes) throw Refusal{where_ + ": " + name + " is not hexadecimal"};
  value = *std::move(bytes);
}

void FieldReader::tag(const char* name, Tag& value) {
  std::string digits;
  text(name, digits);
  const auto tag = emvcrypto::parse_tag(digits);
  if (!tag) throw Refusal{where_ + ": " + name + " is not a tag"};
  value = *tag;
}

std::size_t FieldReader::place(const char* name, std::span<const std::string_view> names) {
  std::string value;
  text(name, value);
  const auto found = std::ranges::find(names, value);
  if (found == names.end()) throw Refusal{where_ + ": " + name + " '" + value + "' is not known"};
  return static_cast<std::size_t>(found - names.begin());
}

void FieldReader::character(const char* name, char& value) {
  std::string one;
  text(name, one);
  if (one.size() != 1) throw Refusal{where_ + ": " + name + " is not one character"};
  value = one[0];
}

void FieldReader::expect_no_more() const {
  if (taken_ != object_.size()) throw Refusal{where_ + " has an unknown field"};
}

}  // namespace cps

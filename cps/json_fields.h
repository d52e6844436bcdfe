/// JSON objects of which every field is required and no other is allowed; internal to this folder.
///
/// FieldWriter and FieldReader have the same functions, so that a structure is described once, by a
/// function over either of them that names its fields in order.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "emvcrypto/tlv.h"

namespace cps {

using Json = nlohmann::ordered_json;
using emvcrypto::Bytes;
using emvcrypto::Tag;

/// Why a header or trailer is refused; goes no further than the parse functions.
struct Refusal {
  std::string reason;
};

/// Makes a JSON object, its fields in the order of the calls.
class FieldWriter {
 public:
  void text(const char* name, const std::string& value) { json_[name] = value; }
  void number(const char* name, std::uint64_t value, std::uint64_t = 0, std::uint64_t = 0) {
    json_[name] = value;
  }
  void truth(const char* name, bool value) { json_[name] = value; }
  void hex(const char* name, const Bytes& value) { json_[name] = emvcrypto::to_hex(value); }
  void tag(const char* name, Tag value) { json_[name] = emvcrypto::tag_name(value); }
  void character(const char* name, char value) { json_[name] = std::string(1, value); }
  /// The name at the place that the value (bool, enumeration) has.
  template <typename T>
  void choice(const char* name, T value, std::span<const std::string_view> names) {
    json_[name] = names[static_cast<std::size_t>(value)];
  }
  /// A text that `write` makes of the value; `read` takes it apart again.
  template <typename T, typename Write, typename Read>
  void converted(const char* name, const T& value, Write write, Read) {
    json_[name] = write(value);
  }
  /// An object, or a list of objects, that `describe` describes.
  template <typename T, typename Describe>
  void object(const char* name, const T& value, const char*, Describe describe) {
    FieldWriter fields;
    describe(fields, value);
    json_[name] = fields.take();
  }
  template <typename T, typename Describe>
  void list(const char* name, const std::vector<T>& values, const char*, Describe describe) {
    Json items = Json::array();
    for (const T& value : values) {
      FieldWriter fields;
      describe(fields, value);
      items.push_back(fields.take());
    }
    json_[name] = std::move(items);
  }
  Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

/// Takes the fields of a JSON object, each once. Throws Refusal with the object and the field.
class FieldReader {
 public:
  FieldReader(const Json& object, std::string where);

  void text(const char* name, std::string& value);
  /// A number within [low, high].
  template <typename T>
  void number(const char* name, T& value, std::uint64_t low = 0,
              std::uint64_t high = std::numeric_limits<T>::max()) {
    value = static_cast<T>(count(name, low, high));
  }
  void truth(const char* name, bool& value);
  void hex(const char* name, Bytes& value);
  void tag(const char* name, Tag& value);
  /// A text of one character.
  void character(const char* name, char& value);
  template <typename T>
  void choice(const char* name, T& value, std::span<const std::string_view> names) {
    value = static_cast<T>(place(name, names));
  }
  template <typename T, typename Write, typename Read>
  void converted(const char* name, T& value, Write, Read read) {
    std::string written;
    text(name, written);
    value = read(written);
  }
  /// where: what to call the object in a refusal.
  template <typename T, typename Describe>
  void object(const char* name, T& value, const char* where, Describe describe) {
    FieldReader fields(object_of(name), where);
    describe(fields, value);
    fields.expect_no_more();
  }
  /// where: what to call each object.
  template <typename T, typename Describe>
  void list(const char* name, std::vector<T>& values, const char* where, Describe describe) {
    for (const Json& item : list_of(name)) {
      FieldReader fields(item, where);
      describe(fields, values.emplace_back());
      fields.expect_no_more();
    }
  }
  void expect_no_more() const;

 private:
  const Json& take(const char* name, bool (Json::*is_right)() const noexcept, const char* kind);
  const Json& object_of(const char* name);
  const Json& list_of(const char* name);
  std::uint64_t count(const char* name, std::uint64_t low, std::uint64_t high);
  std::size_t place(const char* name, std::span<const std::string_view> names);

  const Json& object_;
  std::string where_;
  std::size_t taken_ = 0;
};

}  // namespace cps

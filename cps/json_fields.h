/// Reading JSON objects of which every field is required and no other is allowed; internal to this
/// folder.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "emvcrypto/bytes.h"

namespace cps {

using Json = nlohmann::ordered_json;

/// Why a header or trailer is refused; goes no further than the parse functions.
struct Refusal {
  std::string reason;
};

/// The fields of one JSON object, each taken once. Throws Refusal.
class Fields {
 public:
  Fields(const Json& object, std::string where);

  const Json& object(const char* name);
  const Json& list(const char* name);
  std::string text(const char* name);
  std::uint64_t count(const char* name);
  /// A number within [low, high].
  std::uint64_t count(const char* name, std::uint64_t low, std::uint64_t high);
  bool truth(const char* name);
  emvcrypto::Bytes hex(const char* name);
  /// The place of the text among the names.
  std::size_t choice(const char* name, std::initializer_list<std::string_view> names);
  /// A text of one character.
  char character(const char* name);
  void expect_no_more() const;
  const std::string& where() const { return where_; }

 private:
  const Json& take(const char* name, bool (Json::*is_right)() const noexcept, const char* kind);

  const Json& object_;
  std::string where_;
  std::size_t taken_ = 0;
};

}  // namespace cps

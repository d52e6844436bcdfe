/// The functions of the expression language, as data: for the compiler, for tools and for Lua.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "emvcrypto/fault.h"

namespace kpd::expression {

/// What a value is by its form. A number is a text of decimal digits; a flag is true or false.
enum class ValueType { text, number, flag };

/// As many arguments as one likes.
inline constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

/// The value of a function, a flag as "1" or the empty text. The fault's reason holds no value.
using FunctionBody = emvcrypto::Expected<std::string> (*)(std::span<const std::string> arguments);

/// What is wrong with the arguments as they stand in the source; null for those that are no
/// literals. Empty: nothing.
using ArgumentCheck = std::string (*)(std::span<const std::string* const> literals);

/// One function of the language.
struct FunctionInfo {
  std::string_view name;
  std::string_view signature;  ///< "pad_left(s, width, fill)"
  std::size_t least, most;     ///< arguments
  ValueType type;
  FunctionBody body;
  ArgumentCheck check;        ///< may be null
  std::string_view title;     ///< what it gives, in one line
  std::string_view example;   ///< an expression of literals
  std::string_view expected;  ///< what the example gives
};

/// All of them, in the order in which people want to read them.
std::span<const FunctionInfo> functions();

/// A function by its name; null when there is none.
const FunctionInfo* find_function(std::string_view name);

}  // namespace kpd::expression

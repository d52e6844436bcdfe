/// The checked arguments of one calculation.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/dates.h"
#include "emvcrypto/fault.h"
#include "emvcrypto/secret.h"
#include "kpd/calc/parameter.h"

namespace kpd::calc {

/// One value as it came, before any check.
struct Given {
  emvcrypto::Secret text;
  bool in_clear = true;  ///< others may have seen it: an argument, a JSON text
};
using GivenValues = std::map<std::string, std::vector<Given>, std::less<>>;

/// A value as it came in clear.
Given given_in_clear(std::string_view text);

/// See above. Each accessor wants a parameter of its kind that is there: given, or with a fallback
/// (std::logic_error otherwise, which is a defect of the function's row).
class Arguments {
 public:
  bool has(std::string_view name) const { return values_.contains(name); }

  /// text, digits, pan, choice, version, date.
  const std::string& text(std::string_view name) const;
  /// Bytes of a hex parameter; none where an optional one is absent.
  emvcrypto::ByteView bytes(std::string_view name) const;
  std::uint64_t number(std::string_view name) const;
  /// Whether a switch is on.
  bool truth(std::string_view name) const { return has(name); }
  emvcrypto::Date date(std::string_view name) const;
  /// A key's bytes, or a PIN's digits in ASCII.
  const emvcrypto::Secret& secret(std::string_view name) const;

  /// All values of a parameter that may be given more than once; none where it is absent.
  std::span<const std::string> texts(std::string_view name) const;
  std::span<const emvcrypto::Bytes> byte_strings(std::string_view name) const;
  std::span<const emvcrypto::Secret> secrets(std::string_view name) const;

  /// The bytes of hex parameter `name`; where it is absent, `count` of the system's generator.
  emvcrypto::Bytes random(std::string_view name, std::size_t count) const;

 private:
  friend class ArgumentCheck;
  struct Value {
    std::vector<std::string> texts;
    std::vector<emvcrypto::Bytes> byte_strings;
    std::vector<emvcrypto::Secret> secrets;
    std::uint64_t number = 0;
  };
  const Value& value(std::string_view name) const;

  std::map<std::string, Value, std::less<>> values_;
};

/// Checks what was given against a function's parameters: nothing unknown (with a spelling hint),
/// nothing missing, each of its kind and size. A secret in clear is refused unless
/// `clear_test_keys`. Fault "usage"; no reason holds a value.
emvcrypto::Expected<Arguments> check_arguments(std::span<const Parameter> parameters,
                                               const GivenValues& given, bool clear_test_keys);

/// The words of a choice or the names of all cryptogram versions; none for other kinds.
std::vector<std::string> choices_of(const Parameter& parameter);

/// "16 bytes", "12 to 19 digits": what is wanted, in words.
std::string wanted(const Parameter& parameter);

}  // namespace kpd::calc

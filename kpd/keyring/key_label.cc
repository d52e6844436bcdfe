#include "kpd/keyring/key_label.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kVersionDigits = 4;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_character(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
}

}  // namespace

std::string label_text(const KeyLabel& label) {
  return label.version == 1 ? label.name : fmt::format("{}.{}", label.name, label.version);
}

KeyLabel parse_key_label(const std::string& text) {
  const std::size_t dot = text.rfind('.');
  if (dot == std::string::npos || dot == 0) return {text, 1};
  const std::string digits = text.substr(dot + 1);
  const bool is_version = !digits.empty() && digits.size() <= kVersionDigits && digits[0] != '0' &&
                          digits != "1" && std::all_of(digits.begin(), digits.end(), is_digit);
  if (!is_version) return {text, 1};
  return {text.substr(0, dot), static_cast<unsigned>(std::stoul(digits))};
}

void check_key_name(const std::string& name) {
  if (!name.empty() && name.size() <= kLongestName &&
      std::all_of(name.begin(), name.end(), is_name_character))
    return;
  throw Failure(ExitCode::usage, fmt::format("'{}' cannot name a key: 1 to {} letters, digits, "
                                             "'-' and '_'; a version is said with --version",
                                             name, kLongestName));
}

}  // namespace kpd

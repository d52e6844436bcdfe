#include "hsm/error.h"

#include <array>
#include <cstdio>

#include "hsm/ckr_dictionary.h"

namespace hsm {

namespace {

std::string in_hex(unsigned long rv) {
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%lx", rv);
  return text.data();
}

std::string sentence(const std::string& call, unsigned long rv, const std::string& hint) {
  const ReturnValue* known = find_return_value(rv);
  if (known == nullptr) return call + " failed: " + in_hex(rv) + (hint.empty() ? "" : ": " + hint);
  const std::string advice = hint.empty() ? std::string(known->hint) : hint;
  return call + " failed: " + std::string(known->name) + " (" + in_hex(rv) + ")" +
         (advice.empty() ? "" : ": " + advice);
}

}  // namespace

Error::Error(const std::string& call, unsigned long rv, const std::string& hint)
    : std::runtime_error(sentence(call, rv, hint)), rv_(rv) {}

bool Error::device_lost() const {
  const ReturnValue* known = find_return_value(rv_);
  return known != nullptr && known->device_lost;
}

std::string ckr_name(unsigned long rv) {
  const ReturnValue* known = find_return_value(rv);
  return known != nullptr ? std::string(known->name) : in_hex(rv);
}

}  // namespace hsm

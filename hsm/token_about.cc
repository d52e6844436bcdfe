#include "hsm/token_state.h"

namespace hsm {

namespace {

/// A padded field of CK_TOKEN_INFO as text.
template <typename Field>
std::string text_of(const Field& field) {
  std::string text(std::begin(field), std::end(field));
  text.erase(text.find_last_not_of(std::string(" \0", 2)) + 1);
  return text;
}

std::string version_text(const CK_VERSION& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

}  // namespace

TokenInfo Token::about() const {
  const CK_TOKEN_INFO& info = state_->info;
  return {state_->library->path(), text_of(info.manufacturerID), text_of(info.model),
          text_of(info.serialNumber), version_text(info.firmwareVersion)};
}

}  // namespace hsm

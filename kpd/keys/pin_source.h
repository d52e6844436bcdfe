/// Where the token's PIN comes from: a descriptor or a prompt; never an argument or the
/// environment.
#pragma once

#include <map>

#include "hsm/token.h"

namespace kpd {

/// Reads one line from a descriptor and gives it to every token that asks.
class DescriptorPin : public hsm::PinSource {
 public:
  explicit DescriptorPin(int descriptor) : descriptor_(descriptor) {}
  hsm::Secret pin(const std::string& token_label) override;

 private:
  int descriptor_;
  hsm::Secret pin_;
};

/// Asks on the terminal, without echo, once for each token.
class PromptedPin : public hsm::PinSource {
 public:
  hsm::Secret pin(const std::string& token_label) override;

 private:
  std::map<std::string, hsm::Secret> pins_;
};

}  // namespace kpd

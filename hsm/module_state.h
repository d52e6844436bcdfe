/// What a Module holds, and the tokens behind it. Internal to hsm.
#pragma once

#include <vector>

#include "hsm/library.h"

namespace hsm {

struct Module::State {
  std::shared_ptr<Library> library;
};

/// A token that was found in a slot.
struct FoundToken {
  CK_SLOT_ID slot = 0;
  CK_TOKEN_INFO info{};
};

/// The tokens of all slots, initialised or not. Slot numbers change when tokens are made, so they
/// are looked up each time.
std::vector<FoundToken> find_tokens(Calls& calls);

/// The initialised tokens among them.
std::vector<FoundToken> find_initialized_tokens(Calls& calls);

/// The label without its padding.
std::string label_of(const CK_TOKEN_INFO& info);

/// A PIN as PKCS#11 functions take it.
struct PinArgument {
  explicit PinArgument(const Secret& pin) : bytes(input(pin.expose())), length(pin.size()) {}
  CK_UTF8CHAR* bytes;
  CK_ULONG length;
};

}  // namespace hsm

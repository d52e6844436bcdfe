#include "emvcrypto/aead.h"

#include <stdexcept>

#include "emvcrypto/botan_primitives.h"

namespace emvcrypto {

struct Aead::State {
  std::unique_ptr<botan::Gcm> seal, open;
};

Aead::Aead(const Secret& key) : state_(std::make_unique<State>()) {
  if (key.size() != kKeySize) throw std::invalid_argument("an AES-256 key has 32 bytes");
  state_->seal = botan::make_gcm(key.expose(), true);
  state_->open = botan::make_gcm(key.expose(), false);
}
Aead::~Aead() = default;
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;

Bytes Aead::seal(ByteView nonce, ByteView associated, ByteView plain) const {
  return *state_->seal->process(nonce, associated, plain);
}

std::optional<Bytes> Aead::open(ByteView nonce, ByteView associated, ByteView sealed) const {
  return state_->open->process(nonce, associated, sealed);
}

std::optional<Secret> Aead::open_secret(ByteView nonce, ByteView associated,
                                        ByteView sealed) const {
  return state_->open->process_secret(nonce, associated, sealed);
}

Bytes system_random(std::size_t count) {
  Bytes bytes(count);
  botan::random(bytes);
  return bytes;
}

}  // namespace emvcrypto

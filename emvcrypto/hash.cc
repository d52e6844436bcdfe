#include "emvcrypto/hash.h"

#include "emvcrypto/botan_primitives.h"

namespace emvcrypto {
namespace {

Bytes digest(const char* name, std::initializer_list<ByteView> parts) {
  auto hash = botan::make_hash(name);
  for (ByteView part : parts) hash->update(part);
  return hash->finish();
}

}  // namespace

struct Sha256::State {
  std::unique_ptr<botan::Hash> hash = botan::make_hash("SHA-256");
};

Bytes sha1(std::initializer_list<ByteView> parts) {
  return digest("SHA-1", parts);
}
Bytes sha256(std::initializer_list<ByteView> parts) {
  return digest("SHA-256", parts);
}

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
void Sha256::update(ByteView piece) {
  state_->hash->update(piece);
}
Bytes Sha256::finish() {
  return state_->hash->finish();
}

}  // namespace emvcrypto

#include "emvcrypto/secret.h"

#include <botan/mem_ops.h>

namespace emvcrypto {

Secret::Secret(std::size_t size) : bytes_(size) {}

Secret::Secret(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}

bool Secret::equals(const Secret& other) const {
  return size() == other.size() &&
         Botan::constant_time_compare(bytes_.data(), other.bytes_.data(), size());
}

void Secret::wipe() {
  Botan::secure_scrub_memory(bytes_.data(), bytes_.size());
  bytes_.clear();
}

}  // namespace emvcrypto

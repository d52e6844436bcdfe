/// Random numbers for candidates and bases. Internal to the key factory.
#pragma once

#include "emvcrypto/botan_primitives.h"
#include "emvcrypto/factory/key_factory.h"
#include "emvcrypto/factory/locked_memory.h"
#include "emvcrypto/factory/numbers.h"

namespace emvcrypto::factory {

/// Numbers out of an HMAC_DRBG, by way of a buffer that is wiped as it is used.
class RandomStream {
 public:
  explicit RandomStream(KeyFactory::SeedSource seed);

  /// A number of at most so many bits, each bit by chance.
  void draw(Number& number, unsigned bits);

  /// A number from 1 to n - 1, each as likely, for an n of exactly so many bits: what is drawn too
  /// large is thrown away, and that alone can be seen.
  void draw_below(Number& number, const Number& n, unsigned bits);

 private:
  struct Buffer {
    std::array<std::uint8_t, 4096> bytes;
  };

  std::unique_ptr<botan::Drbg> drbg_;
  Locked<Buffer> buffer_;
  std::size_t used_;
};

}  // namespace emvcrypto::factory

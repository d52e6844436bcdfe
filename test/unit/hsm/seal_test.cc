#include <catch2/catch.hpp>

#include "test/unit/support/test_device.h"

using namespace hsm_test;

namespace {
const hsm::Usage kStorage = {.encrypt = true, .decrypt = true};
}

TEST_CASE("a sealed value opens under its key and associated data alone") {
  TestDevice device;
  auto& token = *device.token;
  const Key key = token.generate_secret(KeyType::aes, 32, kStorage, "storage");
  const Bytes associated = sample(20);
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{8}, std::size_t{32}, std::size_t{1000}, std::size_t{0}}) {
    CAPTURE(size);
    const Secret value(sample(size, 77));
    const Bytes sealed = token.seal(key, value, associated);
    CHECK(sealed.size() == 12 + size + 16);
    CHECK(token.unseal(key, sealed, associated).equals(value));
    CHECK(token.seal(key, value, associated) != sealed);

    for (const std::size_t at : {std::size_t{0}, std::size_t{12}, sealed.size() - 1}) {
      Bytes changed = sealed;
      changed[at] ^= 0x80;
      CHECK_THROWS_AS(token.unseal(key, changed, associated), hsm::SetupError);
    }
    CHECK_THROWS_AS(token.unseal(key, sealed, sample(19)), hsm::SetupError);
    const Key other = token.generate_secret(KeyType::aes, 32, kStorage);
    CHECK_THROWS_AS(token.unseal(other, sealed, associated), hsm::SetupError);
  }
  CHECK_THROWS_AS(token.unseal(key, Bytes(27), associated), hsm::SetupError);
}

TEST_CASE("a value sealed without associated data opens without") {
  TestDevice device;
  const Key key = device.token->generate_secret(KeyType::aes, 16, kStorage);
  const Secret value(sample(24));
  const Bytes sealed = device.token->seal(key, value, {});
  CHECK(device.token->unseal(key, sealed, {}).equals(value));
  CHECK_THROWS_AS(device.token->unseal(key, sealed, sample(1)), hsm::SetupError);
}

#include "kpd/keys/icc_keys.h"

#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "kpd/exit_code.h"
#include "test/unit/support/test_device.h"

using emvcrypto::RsaKeyPair;
using emvcrypto::RsaShape;

namespace {

bool has_full_parts(const RsaKeyPair& pair) {
  for (const emvcrypto::Secret* part :
       {&pair.crt.p, &pair.crt.q, &pair.crt.dp, &pair.crt.dq, &pair.crt.qinv})
    if (part->expose().front() == 0) return false;
  return true;
}

}  // namespace

TEST_CASE("device and factory make pairs of the shape that is wanted") {
  hsm_test::TestDevice device;
  for (const auto& make : {kpd::make_device_keys, +[](std::shared_ptr<hsm::Token> token) {
                             return kpd::make_factory_keys(std::move(token));
                           }}) {
    const auto keys = make(device.token);
    const RsaShape shape{512, 65537, true};
    const auto pairs = keys->take(shape, 5);
    REQUIRE(pairs.size() == 5);
    for (const RsaKeyPair& pair : pairs) {
      CHECK(pair.public_key.size() == 64);
      CHECK(pair.public_key.exponent == emvcrypto::Bytes{1, 0, 1});
      CHECK(has_full_parts(pair));
      const auto signer = emvcrypto::make_rsa_signer(pair.public_key, pair.crt);
      emvcrypto::Bytes block(64, 0x11);
      CHECK(emvcrypto::rsa_recover(pair.public_key, signer->sign_raw({&block, 1}).front()) ==
            block);
    }
    REQUIRE(keys->counts().size() == 1);
    CHECK(keys->counts().begin()->second == 5);
  }
}

TEST_CASE("threads of one factory source get pairs of their own") {
  hsm_test::TestDevice device;
  const auto keys = kpd::make_factory_keys(device.token);
  std::mutex mutex;
  std::set<emvcrypto::Bytes> moduli;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (const RsaKeyPair& pair : keys->take({512, 3, false}, 20)) {
          const std::lock_guard lock(mutex);
          moduli.insert(pair.public_key.modulus);
        }
      });
  }
  CHECK(moduli.size() == 80);
  CHECK(keys->counts() == kpd::IccKeyCounts{{"factory", 80}});
}

TEST_CASE("a device whose generator fails gives the factory no pair") {
  hsm_test::TestDevice device;
  device.module->set_tap([](std::string_view call) {
    return call == "C_GenerateRandom" ? 0x30UL : 0UL;  // CKR_DEVICE_ERROR
  });
  const auto keys = kpd::make_factory_keys(device.token);
  CHECK_THROWS_AS(keys->take({512, 3, false}, 1), hsm::Error);
  device.module->set_tap({});
  CHECK(keys->counts() == kpd::IccKeyCounts{{"factory", 0}});
}

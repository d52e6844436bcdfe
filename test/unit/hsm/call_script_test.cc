#include "hsm/call_script.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <thread>

#include "hsm/probe.h"
#include "test/unit/support/nss_device.h"
#include "test/unit/support/test_device.h"

using namespace hsm_test;

namespace {

using Counts = std::map<std::string, int, std::less<>>;

/// Calls by name while `work` runs.
template <typename Work>
Counts calls_of(hsm::Module& module, const Work& work) {
  Counts counts;
  module.set_tap([&](std::string_view call) {
    ++counts[std::string(call)];
    return 0UL;
  });
  work();
  module.set_tap({});
  return counts;
}

}  // namespace

TEST_CASE("a script makes the same calls again, as often as one wants") {
  TestDevice device;
  auto& token = *device.token;
  const Key des = token.create_secret(KeyType::des2, Secret(sample(16)),
                                      {.encrypt = true, .decrypt = true, .derive = true});
  const Key rsa = token.generate_rsa(1024, 65537, {.sign = true}, "");
  const auto work = [&] {
    Bytes data = sample(160);
    token.encrypt_ecb(des, data);
    token.decrypt_ecb(des, data);
    Bytes block(128, 0x17);
    const Bytes blocks[] = {block, block};
    token.sign_raw(rsa, blocks);
    const Bytes inputs[] = {sample(16)};
    token.derive(des, inputs, hsm::Token::DeriveMode::ecb, {.encrypt = true});
    token.random(20);
    token.generate_rsa_exposed(512, 65537);
  };
  work();
  Counts made, again;
  std::optional<hsm::CallScript> script;
  made = calls_of(*device.module,
                  [&] { script = hsm::CallScript::record(*device.module, "first", work); });
  CHECK(script->left_out().empty());
  int all = 0;
  for (const auto& [name, count] : made) all += count;
  CHECK(script->calls() == static_cast<std::size_t>(all));

  // The player calls the device itself: what it makes is seen by what the device then has.
  hsm::CallScript::Player player(*script);
  for (int i = 0; i < 3; ++i) player.play();
}

TEST_CASE("a script without its keys fails, and says which call") {
  TestDevice device;
  auto& token = *device.token;
  Key des = token.generate_secret(KeyType::des2, 16, {.encrypt = true});
  const auto script = hsm::CallScript::record(*device.module, "first", [&] {
    Bytes data = sample(16);
    token.encrypt_ecb(des, data);
  });
  hsm::CallScript::Player player(script);
  player.play();
  des = {};
  CHECK_THROWS_WITH(player.play(), Catch::Contains("C_EncryptInit"));
}

TEST_CASE("values under a tag cannot be opened again, and that is told") {
  TestDevice device;
  auto& token = *device.token;
  const Key storage = token.generate_secret(KeyType::aes, 32, {.encrypt = true, .decrypt = true});
  const Bytes sealed = token.seal(storage, Secret(sample(32)), sample(4));
  const auto script = hsm::CallScript::record(*device.module, "first",
                                              [&] { token.unseal(storage, sealed, sample(4)); });
  CHECK(script.left_out() == std::vector<std::string>{"C_Decrypt under a tag"});
  CHECK(script.calls() == 0);
}

TEST_CASE("what stays inside a device can be made again") {
  NssDevice device;
  auto& token = *device.token;
  const hsm::Usage usage{
      .encrypt = true, .wrap = true, .unwrap = true, .derive = true, .extractable = true};
  const Key des = token.create_secret(KeyType::des3, Secret(sample(24)), usage);
  const auto work = [&] {
    const Bytes inputs[] = {sample(16), sample(16, 9)};
    token.derive_wrapped(des, inputs, des);
    const Bytes block = sample(8);
    const hsm::Passage passages[] = {{block, block}};
    token.rewrap_ecb(des, des, passages);
    token.wrap_public(des, block);
  };
  work();
  const auto script = hsm::CallScript::record(*device.module, "first", work);
  CHECK(script.left_out().empty());
  hsm::CallScript::Player player(script);
  player.play();
  player.play();
}

TEST_CASE("the time of calls is counted for the thread that makes them") {
  TestDevice device;
  auto& token = *device.token;
  const Key des = token.generate_secret(KeyType::des2, 16, {.encrypt = true});
  {
    const hsm::CallTime time;
    Bytes data = sample(16);
    token.encrypt_ecb(des, data);
    CHECK(time.calls == 2);
    CHECK(time.inside.count() > 0);
  }
  const hsm::CallTime other;
  CHECK(other.calls == 0);
}

TEST_CASE("a library may have locks of ours") {
  TestDevice first;  // starts the library with the system's locks
  first.token.reset();
  first.module.reset();
  const auto module = hsm::Module::load(library_path(), {.spin_locks = true});
  GivenPin pin;
  const auto token = hsm::Token::open(module, "first", pin);
  const Bytes value = sample(16);
  const Key key = token->create_secret(KeyType::des2, Secret(value), {.encrypt = true});
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint8_t i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
        for (int n = 0; n < 100; ++n) {
          Bytes block = sample(16, i);
          token->encrypt_ecb(key, block);
          wrong += block == des_ecb(value, sample(16, i)) ? 0 : 1;
        }
      });
  }
  CHECK(wrong == 0);
}

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <thread>

#include "emvcrypto/cipher.h"
#include "test/unit/support/test_device.h"

using namespace hsm_test;

namespace {

constexpr const char* kWorkerLabel = "KPD_TEST_WORKER_TOKEN";
constexpr const char* kWorkerKcv = "KPD_TEST_WORKER_KCV";
constexpr const char* kWorkerName = "worker of the test of many processes";

pid_t start_worker() {
  std::string program = "/proc/self/exe";
  std::string filter = kWorkerName;
  char* const arguments[] = {program.data(), filter.data(), nullptr};
  pid_t child = -1;
  posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ);
  return child;
}

}  // namespace

TEST_CASE("many threads share a token") {
  TestDevice device;
  auto& token = *device.token;
  const Bytes value = sample(16);
  const Key master =
      token.create_secret(KeyType::des2, Secret(value), {.encrypt = true, .derive = true});
  std::atomic<int> wrong{0};
  const auto run = [&](std::uint8_t start) {
    for (int round = 0; round < 50; ++round) {
      const Bytes inputs[] = {sample(16, static_cast<std::uint8_t>(start + round))};
      const auto keys =
          token.derive(master, inputs, hsm::Token::DeriveMode::ecb, {.encrypt = true});
      Bytes block = sample(8, start);
      token.encrypt_ecb(keys[0], block);
      Bytes bulk = sample(4096, start);
      token.encrypt_ecb(master, bulk);
      const bool right = block == des_ecb(des_ecb(value, inputs[0]), sample(8, start)) &&
                         bulk == des_ecb(value, sample(4096, start));
      wrong += right ? 0 : 1;
    }
  };
  std::vector<std::thread> threads;
  for (std::uint8_t i = 0; i < 4; ++i) threads.emplace_back(run, static_cast<std::uint8_t>(i * 51));
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("session keys go from any thread, after their token too") {
  TestDevice device;
  std::vector<Key> keys;
  for (int i = 0; i < 20; ++i)
    keys.push_back(device.token->generate_secret(KeyType::des2, 16, {.encrypt = true}));
  int destroyed = 0;
  device.module->set_tap([&](std::string_view call) {
    destroyed += call == "C_DestroyObject" ? 1 : 0;
    return 0UL;
  });
  std::thread([some = std::vector<Key>(keys.begin(), keys.begin() + 10)]() mutable {
    some.clear();
  }).join();
  CHECK(destroyed == 0);  // copies remain
  std::thread([&] { keys.resize(10); }).join();
  CHECK(destroyed == 10);
  device.token.reset();
  keys.clear();
  CHECK(destroyed == 20);
  device.module->set_tap({});
}

TEST_CASE("a session key outlives an error in the session that made it") {
  TestDevice device;
  auto& token = *device.token;
  const Key key = token.generate_secret(KeyType::des2, 16, {.encrypt = true});
  const Bytes kcv = token.kcv(key);
  Bytes block(8);
  CHECK_THROWS_AS(token.decrypt_ecb(key, block), hsm::Error);
  CHECK(token.kcv(key) == kcv);
}

TEST_CASE("many processes log in to one token folder at the same moment") {
  TestDevice device("shared");
  const Key key = device.token->generate_secret(KeyType::des2, 16, {.encrypt = true}, "imk");
  setenv(kWorkerLabel, "shared", 1);
  setenv(kWorkerKcv, emvcrypto::to_hex(device.token->kcv(key)).c_str(), 1);
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) children.push_back(start_worker());
  for (const pid_t child : children) {
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
  unsetenv(kWorkerLabel);
}

TEST_CASE("worker of the test of many processes", "[.]") {
  const char* const label = std::getenv(kWorkerLabel);
  if (label == nullptr) return;  // not started by the test
  for (int round = 0; round < 3; ++round) {
    const auto module = hsm::Module::load(library_path());
    GivenPin pin;
    const auto token = hsm::Token::open(module, label, pin);
    CHECK(emvcrypto::to_hex(token->kcv(token->find("imk"))) == std::getenv(kWorkerKcv));
  }
}

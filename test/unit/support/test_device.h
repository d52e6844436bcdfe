/// A SoftHSM of the test's own: a token folder that goes with the test.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "hsm/token.h"

namespace hsm_test {

using hsm::Bytes;
using hsm::ByteView;
using hsm::Key;
using hsm::KeyType;
using hsm::Secret;

/// The PIN that the test's tokens have.
Secret test_pin();

/// Gives a PIN and counts how often it was asked for.
class GivenPin : public hsm::PinSource {
 public:
  explicit GivenPin(std::string pin = "4711-user") : pin_(std::move(pin)) {}
  Secret pin(const std::string&) override;
  int asked = 0;

 private:
  std::string pin_;
};

/// Where SoftHSM's library stands on this machine.
std::string library_path();

/// A folder with a configuration of SoftHSM; SOFTHSM2_CONF points to it.
class TokenFolder {
 public:
  TokenFolder();
  ~TokenFolder();
  TokenFolder(const TokenFolder&) = delete;
  TokenFolder& operator=(const TokenFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A folder, the library and tokens made in it.
class TestDevice {
 public:
  /// A device with one token.
  explicit TestDevice(const std::string& label = "first");
  std::shared_ptr<hsm::Token> make_token(const std::string& label);

  TokenFolder folder;
  std::shared_ptr<hsm::Module> module;
  std::shared_ptr<hsm::Token> token;
};

/// ECB in this process, for comparison.
Bytes des_ecb(ByteView key, Bytes blocks);
Bytes aes_ecb(ByteView key, Bytes blocks);

/// Bytes that follow a rule, so that no two blocks are equal.
Bytes sample(std::size_t size, std::uint8_t start = 1);

}  // namespace hsm_test

#include "test/unit/support/test_device.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "emvcrypto/cipher.h"

namespace hsm_test {

namespace fs = std::filesystem;

Secret test_pin() {
  return Secret(emvcrypto::as_bytes("4711-user"));
}

Secret GivenPin::pin(const std::string&) {
  ++asked;
  return Secret(emvcrypto::as_bytes(pin_));
}

std::string library_path() {
  for (const char* path :
       {"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"})
    if (fs::exists(path)) return path;
  throw std::runtime_error("SoftHSM is not installed (package softhsm2)");
}

TokenFolder::TokenFolder() {
  // Tokens are written with fsync: in memory that costs nothing.
  const fs::path memory = "/dev/shm";
  const bool in_memory = access(memory.c_str(), W_OK) == 0;
  const fs::path base = in_memory ? memory : fs::temp_directory_path();
  std::string name = (base / "kpd-hsm-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test's tokens");
  path_ = name;
  fs::create_directory(path_ / "tokens");
  const fs::path configuration = path_ / "softhsm2.conf";
  std::ofstream(configuration) << "directories.tokendir = " << (path_ / "tokens").string() << "\n"
                               << "objectstore.backend = file\nlog.level = ERROR\n";
  setenv("SOFTHSM2_CONF", configuration.c_str(), 1);
}

TokenFolder::~TokenFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

TestDevice::TestDevice(const std::string& label)
    : module(hsm::Module::load(library_path())), token(make_token(label)) {}

std::shared_ptr<hsm::Token> TestDevice::make_token(const std::string& label) {
  module->init_token(label, Secret(emvcrypto::as_bytes("officer-1")), test_pin());
  GivenPin pin;
  return hsm::Token::open(module, label, pin);
}

Bytes des_ecb(ByteView key, Bytes blocks) {
  emvcrypto::make_des(key)->encrypt(blocks);
  return blocks;
}

Bytes aes_ecb(ByteView key, Bytes blocks) {
  emvcrypto::make_aes(key)->encrypt(blocks);
  return blocks;
}

Bytes sample(std::size_t size, std::uint8_t start) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(start + i * 37 + (i >> 8) * 11);
  return bytes;
}

}  // namespace hsm_test

/// A NSS softoken of the test's own: key databases in a folder that goes with the test.
#pragma once

#include <filesystem>

#include "test/unit/support/temp_folder.h"
#include "test/unit/support/test_device.h"

namespace hsm_test {

/// The library, and tokens "first" and "second" made in it.
class NssDevice {
 public:
  NssDevice() {
    for (const char* label : {"first", "second"})
      std::filesystem::create_directory(folder_.path() / label);
    open();
    for (const char* label : {"first", "second"})
      module->init_token(label, test_pin(), test_pin(), making());
    token = open_token("first");
  }

  static hsm::TokenMaking making() {
    hsm::TokenMaking making;
    making.way = hsm::TokenMaking::Way::init_pin;
    return making;
  }
  static std::string path() {
    for (const char* path :
         {"/usr/lib/x86_64-linux-gnu/libsoftokn3.so", "/usr/lib/aarch64-linux-gnu/libsoftokn3.so"})
      if (std::filesystem::exists(path)) return path;
    throw std::runtime_error("no NSS softoken: apt-get install libnss3");
  }
  hsm::LibraryRules rules() const {
    hsm::LibraryRules rules;
    const std::string folder = folder_.path().string();
    rules.parameters =
        "configdir='' certPrefix='' keyPrefix='' secmod='' flags=noCertDB,noModDB tokens=<";
    rules.parameters += "0x21=[configDir='sql:" + folder +
                        "/first' tokenDescription='first' slotDescription='first'] ";
    rules.parameters += "0x22=[configDir='sql:" + folder +
                        "/second' tokenDescription='second' slotDescription='second']>";
    return rules;
  }
  void open() { module = hsm::Module::load(path(), rules()); }
  void close() {
    token.reset();
    module.reset();
  }
  std::shared_ptr<hsm::Token> open_token(const std::string& label) {
    GivenPin pin;
    return hsm::Token::open(module, label, pin);
  }

 private:
  kpd_test::TempFolder folder_;

 public:
  std::shared_ptr<hsm::Module> module;
  std::shared_ptr<hsm::Token> token;
};

}  // namespace hsm_test

#include <algorithm>
#include <catch2/catch.hpp>

#include "test/unit/support/test_device.h"

using namespace hsm_test;

TEST_CASE("mechanisms are listed by name, and tried before they are believed") {
  TestDevice device;
  auto& token = *device.token;
  const auto listed = token.mechanisms();
  for (const char* name : {"CKM_DES3_ECB", "CKM_DES3_CBC", "CKM_AES_ECB", "CKM_AES_CBC",
                           "CKM_AES_GCM", "CKM_RSA_X_509", "CKM_DES3_ECB_ENCRYPT_DATA",
                           "CKM_DES3_CBC_ENCRYPT_DATA", "CKM_SHA256_HMAC"}) {
    CAPTURE(name);
    CHECK(std::count(listed.begin(), listed.end(), name) == 1);
    CHECK(token.works(name));
  }
  CHECK_FALSE(token.works("CKM_DES3_ECB wrap des2"));
  CHECK_FALSE(token.works("CKM_DES3_ECB unwrap des2"));
  CHECK_THROWS_AS(token.works("CKM_NONE"), std::invalid_argument);
  CHECK(token.list().empty());
}

TEST_CASE("a mechanism is tried once") {
  TestDevice device;
  CHECK(device.token->works("CKM_DES3_ECB"));
  int calls = 0;
  device.module->set_tap([&](std::string_view) {
    ++calls;
    return 0UL;
  });
  CHECK(device.token->works("CKM_DES3_ECB"));
  device.module->set_tap({});
  CHECK(calls == 0);
}

TEST_CASE("a mechanism that gives wrong results does not work") {
  TestDevice device;
  device.module->set_tap(
      [](std::string_view call) { return call == "C_DeriveKey" ? 0x70UL : 0UL; });
  CHECK_FALSE(device.token->works("CKM_DES3_ECB_ENCRYPT_DATA"));
  device.module->set_tap([](std::string_view call) { return call == "C_Encrypt" ? 0x32UL : 0UL; });
  CHECK_THROWS_AS(device.token->works("CKM_DES3_CBC"), hsm::Error);
  device.module->set_tap({});
}

#include "hsm/probe.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "test/unit/support/nss_device.h"

using namespace hsm_test;

namespace {

/// The probes that do not work, without those of RSA by other lengths.
std::vector<std::string> failing(hsm::Token& token, const std::string& group) {
  std::vector<std::string> names;
  for (const hsm::ProbeInfo& probe : hsm::probes())
    if (probe.group == group && !token.works(probe.name)) names.push_back(probe.name);
  return names;
}

}  // namespace

TEST_CASE("SoftHSM keeps its rules and wraps nothing under 3DES, whatever it lists") {
  TestDevice device;
  hsm::Token& token = *device.token;
  using Names = std::vector<std::string>;
  CHECK(failing(token, "ciphers").empty());
  CHECK(failing(token, "RSA").empty());
  CHECK(failing(token, "rules").empty());
  CHECK(failing(token, "check values") ==
        Names{"CKA_CHECK_VALUE of derived keys", "CKA_CHECK_VALUE of unwrapped keys"});
  CHECK(failing(token, "paths") == Names{hsm::kDeriveWrapDes, hsm::kRewrap, hsm::kRewrapMasked,
                                         hsm::kUnwrapDes, hsm::kWrapPublic});
  const auto listed = token.mechanisms();
  CHECK(std::ranges::count(listed, "CKM_DES3_ECB") == 1);
  const hsm::ProbeAnswer answer = token.probe("CKM_DES3_ECB wrap des2");
  CHECK_FALSE(answer.works);
  CHECK(answer.detail == "CKR_MECHANISM_INVALID");
  CHECK(token.works("CKM_AES_CBC wrap des2"));
  CHECK_FALSE(token.works("CKM_AES_CBC unwrap des2"));
  CHECK(token.works("CKM_AES_KEY_WRAP unwrap des3"));
}

TEST_CASE("NSS softoken has every path inside, and no exponent 3") {
  NssDevice device;
  hsm::Token& token = *device.token;
  CHECK(failing(token, "ciphers").empty());
  CHECK(failing(token, "wrapping").empty());
  CHECK(failing(token, "paths").empty());
  CHECK_FALSE(token.works("RSA 1408 e=3"));
  CHECK_FALSE(token.works("RSA 1976 e=65537"));
  CHECK(token.works("RSA 1408 e=65537"));
  CHECK(token.works(hsm::rsa_parts_probe(1280, 65537)));
  // Nothing but our own restraint keeps its keys: see docs/devices.md.
  CHECK(token.probe("CKA_UNWRAP_TEMPLATE is kept").detail == "the device allows it");
}

TEST_CASE("an operation is tried by its name, once, or believed") {
  TestDevice device;
  hsm::Token& token = *device.token;
  for (const char* name : {"", "CKM_NONE", "RSA 1408", "RSA 1409 e=3", "RSA 9999999 e=3",
                           "RSA 1408 e=3 part", "RSA 1408 e=3 parts "})
    CHECK_THROWS_AS(token.works(name), std::invalid_argument);
  token.assume(hsm::kRewrap, true);
  CHECK(token.works(hsm::kRewrap));
  CHECK_FALSE(token.probe(hsm::kRewrap).works);
  CHECK_FALSE(token.works(hsm::kRewrap));
  CHECK(token.list().empty());
}

TEST_CASE("a device that is lost is no answer") {
  TestDevice device;
  device.module->set_tap([](std::string_view) { return 0x32UL; });
  CHECK_THROWS_AS(device.token->probe("CKM_DES3_ECB"), hsm::Error);
  device.module->set_tap({});
}

TEST_CASE("speeds are told of what works") {
  TestDevice device;
  const auto speeds = hsm::measure_speeds(*device.token, std::chrono::milliseconds(5));
  REQUIRE(speeds.size() >= 4);
  for (const hsm::Speed& speed : speeds) CHECK(speed.per_second > 0);
}

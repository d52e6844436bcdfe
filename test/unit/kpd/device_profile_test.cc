#include "kpd/device/device_profile.h"

#include <catch2/catch.hpp>

#include "kpd/config/mistake.h"
#include "kpd/device/device_cache.h"
#include "kpd/exit_code.h"
#include "test/unit/support/temp_folder.h"
#include "test/unit/support/test_device.h"

using Catch::Contains;
using kpd_test::TempFolder;

namespace {

kpd::DeviceProfile profile_of(const TempFolder& folder, const std::string& more) {
  return kpd::read_device_profile(
      folder.write("device.yaml", "kind: device\nmodules: [/no/such.so]\n" + more));
}

}  // namespace

TEST_CASE("a library's parameters name each token once, in one order, in the area's folder") {
  const TempFolder folder;
  const auto profile = profile_of(folder,
                                  "parameters: \"a <{tokens}>\"\n"
                                  "token_parameters: \"{number}=[{area}/tokens/{label}]\"\n"
                                  "call_bytes: 4096\nlog_in_apart: false\n");
  const auto rules = profile.rules("/demo/x/../area", {"second", "first", "second"});
  CHECK(rules.parameters == "a <0x21=[/demo/area/tokens/first] 0x22=[/demo/area/tokens/second]>");
  CHECK(rules.call_bytes == 4096);
  CHECK_FALSE(rules.apart);
  CHECK_THROWS_WITH(profile.rules("/demo/it's", {"first"}), Contains("name another"));
}

TEST_CASE("what a profile makes stands inside the area") {
  const TempFolder folder;
  for (const char* wrong : {"folders: [../tokens]\n", "folders: [/elsewhere/tokens]\n",
                            "files: {../x: \"\"}\n", "environment: {CONF: /etc/x}\n",
                            "call_bytes: 100\n", "tokens: {made_by: magic}\n", "colour: red\n"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(profile_of(folder, wrong), kpd::ConfigError);
  }
  CHECK(profile_of(folder, "folders: [\"tokens/{label}\"]\n").folders.size() == 1);
}

TEST_CASE("tokens come by C_InitToken unless the profile says otherwise") {
  using Way = hsm::TokenMaking::Way;
  const TempFolder folder;
  CHECK(profile_of(folder, "").making->way == Way::init_token);
  CHECK(profile_of(folder, "tokens: {made_by: init-pin}\n").making->way == Way::init_pin);
  CHECK_FALSE(profile_of(folder, "tokens: {made_by: people}\n").making);
}

TEST_CASE("a library that is not installed is told with what brings it") {
  const TempFolder folder;
  CHECK_THROWS_WITH(profile_of(folder, "package: abacus\n").find_module(),
                    Contains("/no/such.so") && Contains("apt-get install abacus"));
}

TEST_CASE("every profile that comes with the program can be read") {
  const std::filesystem::path source = KPD_SOURCE_DIR;
  for (const char* name : {"softhsm", "nss-softoken", "opencryptoki", "network-hsm"}) {
    const auto file = kpd::find_device_profile(name, source / "examples/starter");
    CHECK_FALSE(kpd::read_device_profile(file).title.empty());
  }
  CHECK_THROWS_WITH(kpd::find_device_profile("abacus", source / "examples"),
                    Contains("abacus") && Contains("softhsm"));
}

TEST_CASE("what was found out is believed of the same device alone") {
  const TempFolder folder;
  hsm_test::TestDevice device;
  const auto profile = profile_of(folder, "");
  CHECK_FALSE(kpd::recall_answers(folder.path(), *device.token, profile));
  kpd::DeviceAnswers found;
  found.answers["rewrap under 3DES"] = {true, ""};
  kpd::keep_answers(folder.path(), *device.token, profile, found);
  CHECK(kpd::recall_answers(folder.path(), *device.token, profile));
  CHECK(device.token->works("rewrap under 3DES"));  // as was told, not as it is
  const auto other = profile_of(folder, "title: another\n");
  CHECK_FALSE(kpd::recall_answers(folder.path(), *device.token, other));
  CHECK_FALSE(kpd::recall_answers(folder.path(), *device.make_token("second"), profile));
  folder.write("device-cache.json", "{\"version\": 1, \"tokens\": {\"first\": 3}}");
  CHECK_FALSE(kpd::recall_answers(folder.path(), *device.token, profile));
}

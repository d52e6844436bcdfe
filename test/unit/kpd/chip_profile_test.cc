#include "kpd/area/chip_profile.h"

#include <catch2/catch.hpp>

#include "emvcrypto/mac.h"
#include "test/unit/support/temp_folder.h"
#include "test/unit/support/test_device.h"

using Catch::Contains;
using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::from_hex;
using emvcrypto::to_hex;
using kpd::chip::Scp03Option;

namespace {

/// The profile of these lines beyond what every one has.
kpd::ChipProfile profile_of(const std::string& lines) {
  const kpd_test::TempFolder folder;
  return kpd::read_chip_profile(
      folder.write("chip.yaml", "kind: chip\nkmc_id: \"541312FFFFFF\"\ninstances: []\n" + lines));
}

kpd::chip::ChipModel model_of(const kpd::chip::Scp& scp) {
  kpd::chip::ChipModel model;
  model.scp = scp;
  return model;
}

}  // namespace

TEST_CASE("a profile's chips speak SCP02 with i = 15, or the one protocol that it says") {
  using kpd::chip::Scp;
  using kpd::chip::Scp02Option;
  CHECK(profile_of("").model.scp == Scp(Scp02Option::i15));
  CHECK(profile_of("scp02: \"55\"\n").model.scp == Scp(Scp02Option::i55));
  CHECK(profile_of("scp03: \"00\"\n").model.scp == Scp(Scp03Option::i00));
  CHECK(profile_of("scp03: \"70\"\n").model.scp == Scp(Scp03Option::i70));
  CHECK_THROWS_WITH(profile_of("scp03: \"15\"\n"), Contains("scp03") && Contains("70"));
  CHECK_THROWS_WITH(profile_of("scp02: \"15\"\nscp03: \"70\"\n"), Contains("one protocol"));
}

TEST_CASE("a profile says who manages the chip's content, and what can be installed") {
  CHECK(profile_of("").model.card_manager.empty());
  const auto model =
      profile_of(
          "card_manager: \"A000000151000000\"\nmodules:\n"
          "  - {aid: \"F00000005103\", load_file: \"F000000051\", application: payment,\n"
          "     issuer_data: cvr6, product_groupings: true}\n"
          "  - {aid: \"F00000005201\", application: files}\n")
          .model;
  CHECK(to_hex(model.card_manager) == "A000000151000000");
  REQUIRE(model.modules.size() == 2);
  CHECK(to_hex(model.modules[0].load_file) == "F000000051");
  CHECK(to_hex(model.modules[0].instance.aid) == "F00000005103");
  CHECK(model.modules[0].instance.iad == kpd::chip::IadLayout::cvr6);
  CHECK(model.modules[0].instance.product_groupings);
  CHECK(model.modules[1].load_file == model.modules[1].instance.aid);
  CHECK(model.modules[1].instance.kind == kpd::chip::ApplicationKind::files);
  CHECK_THROWS_WITH(profile_of("modules: [{aid: \"F000000050\", application: files}]\n"),
                    Contains("card_manager"));
}

TEST_CASE("AES card keys are CMACs of key number and KEYDATA under the AES master key") {
  const Bytes key_data = from_hex("541312FFFFFF00000007");
  for (const std::size_t size : {16U, 24U, 32U}) {
    const hsm_test::TestDevice device;
    const Bytes master = hsm_test::sample(size, 0x40);
    device.token->create_secret(hsm::KeyType::aes, hsm::Secret(ByteView(master)), {.encrypt = true},
                                "KMC-AES");
    const auto keys = kpd::card_keys_from(device.token, model_of(Scp03Option::i70))(key_data);
    const auto expected = [&](const char* number) {
      const auto input = [&](const char* block) {
        return emvcrypto::concat({from_hex(block), from_hex("000000"), from_hex(number),
                                  from_hex("00"), ByteView(key_data)});
      };
      Bytes key = emvcrypto::aes_cmac(master, input("01"));
      emvcrypto::append(key, emvcrypto::aes_cmac(master, input("02")));
      key.resize(size);
      return to_hex(key);
    };
    CHECK(to_hex(keys.enc.expose()) == expected("01"));
    CHECK(to_hex(keys.mac.expose()) == expected("02"));
    CHECK(to_hex(keys.dek.expose()) == expected("03"));
  }
}

TEST_CASE("3DES card keys come from the 3DES master key whatever else is in the token") {
  const hsm_test::TestDevice device;
  const Bytes master = from_hex("0232B35B16B058DC13194A1FCE8F6764");
  device.token->create_secret(hsm::KeyType::des2, hsm::Secret(ByteView(master)), {.encrypt = true},
                              "KMC");
  const auto keys = kpd::card_keys_from(
      device.token, model_of(kpd::chip::Scp02Option::i15))(from_hex("541312FFFFFF00000007"));
  CHECK(to_hex(keys.enc.expose()) ==
        to_hex(hsm_test::des_ecb(master, from_hex("FFFF00000007F001FFFF000000070F01"))));
  CHECK_THROWS_WITH(kpd::card_keys_from(device.token, model_of(Scp03Option::i70)),
                    Contains("KMC-AES"));
}

TEST_CASE("chips straight from the factory have K(IC) from a master of their own") {
  const hsm_test::TestDevice device;
  const Bytes master = hsm_test::sample(16, 0x20);
  device.token->create_secret(hsm::KeyType::des2, hsm::Secret(ByteView(master)), {.encrypt = true},
                              "KIC");
  kpd::chip::ChipModel model = model_of(kpd::chip::Scp02Option::i15);
  CHECK_THROWS_WITH(kpd::card_keys_from(device.token, model), Contains("KMC"));
  model.from_factory = true;
  const auto keys = kpd::card_keys_from(device.token, model)(from_hex("1C0000FFFFFF00000007"));
  CHECK(to_hex(keys.enc.expose()) ==
        to_hex(hsm_test::des_ecb(master, from_hex("FFFF00000007F001FFFF000000070F01"))));
  model.scp = Scp03Option::i00;
  CHECK_THROWS_WITH(kpd::card_keys_from(device.token, model), Contains("KIC-AES"));
}

TEST_CASE("a profile's chips are native or straight from the factory, or neither") {
  const std::string manager = "card_manager: \"A000000151000000\"\n";
  CHECK_FALSE(profile_of("").model.native);
  CHECK(profile_of("native: true\n").model.native);
  CHECK(profile_of(manager + "from_factory: true\n").model.from_factory);
  CHECK_THROWS_WITH(profile_of(manager + "native: true\n"), Contains("card_manager"));
  CHECK_THROWS_WITH(profile_of("from_factory: true\n"), Contains("card_manager"));
}

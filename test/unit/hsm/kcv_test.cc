#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "test/unit/support/test_device.h"

using namespace hsm_test;

namespace {

struct Vector {
  std::string id;
  Bytes key;
  bool is_aes;
  Bytes kcv;
};

/// Those of the file whose KCV is found by enciphering.
std::vector<Vector> vectors() {
  std::ifstream file(std::string(KPD_TEST_VECTORS) + "/mac_kcv_variants.json");
  std::vector<Vector> found;
  const auto content = nlohmann::json::parse(file);
  for (const auto& entry : content.at("vectors")) {
    const std::string id = entry.at("id");
    if (!id.starts_with("kcv-3des") && !id.starts_with("kcv-aes-gp")) continue;
    found.push_back({id, emvcrypto::from_hex(entry.at("inputs").at("key").get<std::string>()),
                     id.starts_with("kcv-aes"),
                     emvcrypto::from_hex(entry.at("expected").at("KCV").get<std::string>())});
  }
  return found;
}

}  // namespace

TEST_CASE("check values equal the published ones, whatever a key may do and wherever it lives") {
  TestDevice device;
  auto& token = *device.token;
  const auto all = vectors();
  REQUIRE(all.size() == 8);
  for (const auto& vector : all) {
    CAPTURE(vector.id);
    const KeyType type = vector.is_aes ? KeyType::aes : KeyType::des2;
    int number = 0;
    for (const hsm::Usage usage :
         {hsm::Usage{.encrypt = true}, hsm::Usage{.wrap = true}, hsm::Usage{.derive = true},
          hsm::Usage{.decrypt = true, .extractable = true}, hsm::Usage{}}) {
      const Key session_key = token.create_secret(type, Secret(vector.key), usage);
      CHECK(token.kcv(session_key) == vector.kcv);
      const std::string label = vector.id + "/" + std::to_string(++number);
      CHECK(token.kcv(token.create_secret(type, Secret(vector.key), usage, label)) == vector.kcv);
      CHECK(token.kcv(token.find(label)) == vector.kcv);
    }
  }
}

TEST_CASE("a kept key without encrypt can be neither changed, copied nor used to encipher") {
  TestDevice device;
  auto& token = *device.token;
  const Key kek = token.generate_secret(KeyType::aes, 32, {.wrap = true, .unwrap = true}, "kek");
  Bytes block(16);
  CHECK_THROWS_AS(token.encrypt_ecb(kek, block), hsm::Error);
  CHECK_THROWS_AS(token.decrypt_ecb(kek, block), hsm::Error);
  const auto listed = token.list();
  REQUIRE(listed.size() == 1);
  // The check value stands in the id, since nothing else can find it any more.
  REQUIRE(listed[0].id.size() == 16);
  CHECK(emvcrypto::as_text(ByteView(listed[0].id).first(3)) == "KCV");
  CHECK(Bytes(listed[0].id.begin() + 3, listed[0].id.begin() + 6) == token.kcv(kek));
  int copies_refused = 0;
  device.module->set_tap([&](std::string_view call) {
    copies_refused += call == "C_CopyObject" ? 1 : 0;
    return 0UL;
  });
  CHECK(token.kcv(kek).size() == 3);
  device.module->set_tap({});
  CHECK(copies_refused == 1);
}

TEST_CASE("a key of a type without check value is told apart") {
  TestDevice device;
  const Key secret = device.token->generate_secret(KeyType::generic, 32, {.sign = true});
  CHECK_THROWS_AS(device.token->kcv(secret), hsm::SetupError);
}

TEST_CASE("an AES key has the check value of X9.143 too, also where only its id tells") {
  TestDevice device;
  auto& token = *device.token;
  const Secret value(emvcrypto::from_hex("3F419E1CB7079442AA37474C2EFBF8B8"));
  const Key open = token.create_secret(KeyType::aes, value, {.encrypt = true});
  const Key kept = token.create_secret(KeyType::aes, value, {.wrap = true}, "kept");
  for (const Key& key : {open, kept}) {
    const hsm::CheckValues values = token.check_values(key);
    CHECK(emvcrypto::to_hex(values.cmac) == "08793E25AB");
    CHECK(values.ones == token.kcv(key));
    Bytes zeros(16);
    token.encrypt_ecb(open, zeros);
    zeros.resize(3);
    CHECK(values.zeros == zeros);
  }
}

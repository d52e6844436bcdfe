#include "kpd/keys/transport_keys.h"

#include <array>
#include <catch2/catch.hpp>
#include <set>

#include "kpd/exit_code.h"
#include "test/unit/support/test_device.h"

using Catch::Contains;
using emvcrypto::Bytes;
using hsm::KeyType;
using kpd::transport_key_id;
using kpd::TransportUse;

namespace {

std::string id(TransportUse use, std::size_t length) {
  cps::RecordLayout layout;
  layout.key_id_length = length;
  return std::string(emvcrypto::as_text(transport_key_id(use, layout)));
}

/// A device that is preparation and personaliser in one, with both KEK2s of a type.
struct Device {
  explicit Device(KeyType type, bool fresh) {
    plan.output.fresh_transport_keys = fresh;
    for (const char* role : {"KEK2-KEY", "KEK2-PIN"}) {
      const hsm::Usage usage{.encrypt = true, .decrypt = true, .wrap = true, .unwrap = true};
      const hsm::Key kek =
          device.token->generate_secret(type, type == KeyType::aes ? 32 : 16, usage, role);
      plan.keys.push_back({role, role, device.token->kcv(kek)});
    }
  }
  hsm_test::TestDevice device;
  kpd::Plan plan;
};

}  // namespace

TEST_CASE("transport keys are named by their use, as long as the layout says") {
  CHECK(id(TransportUse::card_keys, 4) == "TKK1");
  CHECK(id(TransportUse::icc_keys, 4) == "TKR1");
  CHECK(id(TransportUse::pin, 4) == "TKP1");
  CHECK(id(TransportUse::mac, 4) == "MAK1");
  CHECK(id(TransportUse::pin, 8) == "TKP10000");
  CHECK(id(TransportUse::card_keys, 3) == "TKK");
}

TEST_CASE("transport keys have names of their own, however short") {
  for (std::size_t length = 1; length <= 16; ++length) {
    std::set<std::string> names;
    for (const TransportUse use :
         {TransportUse::card_keys, TransportUse::icc_keys, TransportUse::pin, TransportUse::mac}) {
      CHECK(id(use, length).size() == length);
      names.insert(id(use, length));
    }
    CHECK(names.size() == 4);
  }
}

TEST_CASE("fresh transport keys reach the personaliser wrapped, and are the same there") {
  Device d(KeyType::aes, true);
  hsm::Token& token = *d.device.token;
  const kpd::TransportKeys keys = kpd::make_transport_keys(d.plan, token);
  const std::array made{keys.card_keys, keys.icc_keys, keys.pin};
  REQUIRE(keys.wrapped.size() == made.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    const cps::WrappedKey wrapped = kpd::to_file_form(keys.wrapped[i]);
    CHECK(wrapped.method == "aes-kw");
    CHECK(wrapped.wrapped.size() == 24);
    CHECK(wrapped.kcv == token.kcv(made[i]));
    const hsm::Key opened = kpd::open_transport_key(wrapped, token);
    Bytes block = hsm_test::sample(16);
    token.encrypt_ecb(made[i], block);
    token.decrypt_ecb(opened, block);
    CHECK(block == hsm_test::sample(16));
  }
  CHECK(keys.wrapped[0].use() == "card-keys");
  CHECK(keys.wrapped[1].use() == "icc-keys");
  CHECK(keys.wrapped[2].use() == "pin");
}

TEST_CASE("card keys, RSA parts and PINs never share a transport key, and no batch has another's") {
  Device d(KeyType::aes, true);
  const auto one = kpd::make_transport_keys(d.plan, *d.device.token);
  const auto two = kpd::make_transport_keys(d.plan, *d.device.token);
  std::set<std::string> kcvs;
  for (const auto* keys : {&one, &two})
    for (const auto& wrapped : keys->wrapped) kcvs.insert(wrapped.kcv());
  CHECK(kcvs.size() == 6);
}

TEST_CASE("static transport keys are the KEK2s themselves") {
  Device d(KeyType::des2, false);
  hsm::Token& token = *d.device.token;
  const kpd::TransportKeys keys = kpd::make_transport_keys(d.plan, token);
  const cps::WrappedKey wrapped = kpd::to_file_form(keys.wrapped.at(1));
  CHECK(wrapped.method == "static");
  CHECK(wrapped.wrapped.empty());
  CHECK(wrapped.kcv == wrapped.kek_kcv);
  CHECK(token.kcv(kpd::open_transport_key(wrapped, token)) == wrapped.kcv);
}

TEST_CASE("a KEK2 of the wrong type is refused before anything is made") {
  {
    Device des(KeyType::des2, true);
    CHECK_THROWS_WITH(kpd::make_transport_keys(des.plan, *des.device.token),
                      Contains("KEK2-KEY must be an AES key"));
  }
  Device aes(KeyType::aes, false);
  CHECK_THROWS_WITH(kpd::make_transport_keys(aes.plan, *aes.device.token),
                    Contains("KEK2-KEY must be a 3DES key"));
}

TEST_CASE("a transport key that is not what its header says is refused") {
  Device d(KeyType::aes, true);
  hsm::Token& token = *d.device.token;
  const auto good = kpd::to_file_form(kpd::make_transport_keys(d.plan, token).wrapped.at(0));

  cps::WrappedKey other = good;
  other.kek_kcv[0] ^= 1;
  CHECK_THROWS_WITH(kpd::open_transport_key(other, token),
                    Contains("'KEK2-KEY'") && Contains("check value"));
  other = good;
  other.kcv[0] ^= 1;
  CHECK_THROWS_AS(kpd::open_transport_key(other, token), kpd::Failure);
  other = good;
  other.method = "rot13";
  CHECK_THROWS_WITH(kpd::open_transport_key(other, token), Contains("rot13"));
  other = good;
  other.kek = "KEK9";
  CHECK_THROWS_AS(kpd::open_transport_key(other, token), hsm::SetupError);
  other = good;
  other.wrapped[5] ^= 1;
  CHECK_THROWS(kpd::open_transport_key(other, token));
}

#include <catch2/catch.hpp>

#include "test/unit/support/test_device.h"

using namespace hsm_test;
using WrapMethod = hsm::Token::WrapMethod;

namespace {

const hsm::Usage kKek = {.wrap = true, .unwrap = true};
const hsm::Usage kLeaves = {.encrypt = true, .extractable = true};

}  // namespace

TEST_CASE("a key goes from token to token under RSA-OAEP, and others under it by key wrap") {
  TestDevice device("issuer");
  auto& issuer = *device.token;
  const auto other = device.make_token("personaliser");

  const Key transport = other->generate_rsa(2048, 65537, {.unwrap = true}, "transport");
  const Key for_other = issuer.import_public(other->public_key(transport));
  hsm::Usage leaves = kKek;
  leaves.extractable = true;
  const Key kek = issuer.generate_secret(KeyType::aes, 32, leaves, "kek");
  const Bytes block = issuer.wrap(for_other, kek, WrapMethod::rsa_oaep);
  CHECK(block.size() == 256);
  const Key kek_there = other->unwrap(transport, block, WrapMethod::rsa_oaep, KeyType::aes, 32,
                                      kKek, "kek from issuer");
  CHECK(other->kcv(kek_there) == issuer.kcv(kek));

  struct Case {
    KeyType type;
    std::size_t size;
  };
  for (const auto& [type, size] :
       {Case{KeyType::des2, 16}, Case{KeyType::des3, 24}, Case{KeyType::aes, 16},
        Case{KeyType::aes, 24}, Case{KeyType::aes, 32}}) {
    const Key key = issuer.generate_secret(type, size, kLeaves);
    const Bytes wrapped = issuer.wrap(kek, key, WrapMethod::aes_kw);
    CHECK(wrapped.size() == size + 8);
    const Key there =
        other->unwrap(kek_there, wrapped, WrapMethod::aes_kw, type, size, {.encrypt = true},
                      "k" + std::to_string(size) + (type == KeyType::aes ? "a" : "d"));
    CHECK(there.size() == size);
    CHECK(other->kcv(there) == issuer.kcv(key));
  }
  for (const auto& info : other->list()) {
    if (info.type == KeyType::rsa_public) continue;
    CHECK(info.sensitive);
    CHECK_FALSE(info.usage.extractable);
  }
}

TEST_CASE("a MAC key keeps its value on the way") {
  TestDevice device;
  auto& token = *device.token;
  const Key kek = token.generate_secret(KeyType::aes, 32, kKek);
  const Key mac = token.generate_secret(KeyType::generic, 32, {.sign = true, .extractable = true});
  const Key back = token.unwrap(kek, token.wrap(kek, mac, WrapMethod::aes_kw), WrapMethod::aes_kw,
                                KeyType::generic, 32, {.sign = true});
  const Bytes messages[] = {sample(100)};
  CHECK(token.hmac_sha256(mac, messages) == token.hmac_sha256(back, messages));
}

TEST_CASE("changed, short or foreign wrapped keys give no key") {
  TestDevice device;
  auto& token = *device.token;
  const Key kek = token.generate_secret(KeyType::aes, 32, kKek);
  const Key key = token.generate_secret(KeyType::des2, 16, kLeaves);
  const Bytes wrapped = token.wrap(kek, key, WrapMethod::aes_kw);
  const auto take = [&](const Bytes& bytes, KeyType type, std::size_t size) {
    return token.unwrap(kek, bytes, WrapMethod::aes_kw, type, size, {.encrypt = true});
  };
  for (const std::size_t at : {std::size_t{0}, std::size_t{8}, std::size_t{23}}) {
    Bytes changed = wrapped;
    changed[at] ^= 1;
    CHECK_THROWS_AS(take(changed, KeyType::des2, 16), hsm::Error);
  }
  CHECK_THROWS_AS(take(wrapped, KeyType::des3, 24), hsm::SetupError);
  CHECK_THROWS_AS(take(wrapped, KeyType::aes, 32), hsm::SetupError);
  CHECK_THROWS_AS(take(Bytes(wrapped.begin(), wrapped.end() - 1), KeyType::des2, 16),
                  hsm::SetupError);
  const Key other = token.generate_secret(KeyType::aes, 32, kKek);
  CHECK_THROWS_AS(token.unwrap(other, wrapped, WrapMethod::aes_kw, KeyType::des2, 16, {}),
                  hsm::Error);
}

TEST_CASE("a key that comes under RSA with another length than was said is refused") {
  TestDevice device;
  auto& token = *device.token;
  const Key pair = token.generate_rsa(2048, 65537, {.unwrap = true}, "transport");
  const Key half = token.import_public(token.public_key(pair));
  const Key aes = token.generate_secret(KeyType::aes, 16, kLeaves);
  const Bytes wrapped_aes = token.wrap(half, aes, WrapMethod::rsa_oaep);
  CHECK_THROWS_AS(token.unwrap(pair, wrapped_aes, WrapMethod::rsa_oaep, KeyType::aes, 32, {}),
                  hsm::SetupError);
  const Key des3 = token.generate_secret(KeyType::des3, 24, kLeaves);
  const Bytes wrapped_des3 = token.wrap(half, des3, WrapMethod::rsa_oaep);
  CHECK_THROWS(token.unwrap(pair, wrapped_des3, WrapMethod::rsa_oaep, KeyType::des2, 16, {}, "a"));
  const Key des2 = token.generate_secret(KeyType::des2, 16, kLeaves);
  const Bytes wrapped_des2 = token.wrap(half, des2, WrapMethod::rsa_oaep);
  CHECK_THROWS(token.unwrap(pair, wrapped_des2, WrapMethod::rsa_oaep, KeyType::des3, 24, {}, "b"));
  CHECK(token.list().size() == 2);
}

TEST_CASE("sealed against export, a key stays in the device for good and is still the same") {
  TestDevice device;
  auto& token = *device.token;
  const Key kek = token.generate_secret(KeyType::aes, 32, kKek);
  for (const std::string label : {"kept", ""}) {
    const Key key = token.generate_secret(KeyType::des2, 16, kLeaves, label);
    const Bytes kcv = token.kcv(key);
    CHECK(token.wrap(kek, key, WrapMethod::aes_kw).size() == 24);
    token.seal_against_export(key);
    CHECK_THROWS_AS(token.wrap(kek, key, WrapMethod::aes_kw), hsm::Error);
    CHECK(token.kcv(key) == kcv);
    token.seal_against_export(key);
    if (label.empty()) continue;
    CHECK_FALSE(token.list().at(0).usage.extractable);
    CHECK(token.list().size() == 1);
    CHECK(token.kcv(token.find(label)) == kcv);
  }
}

TEST_CASE("only keys of fitting types wrap and are wrapped") {
  TestDevice device;
  auto& token = *device.token;
  const Key kek = token.generate_secret(KeyType::aes, 32, kKek);
  const Key des = token.generate_secret(KeyType::des2, 16, kLeaves);
  const Key odd = token.generate_secret(KeyType::generic, 33, {.extractable = true});
  CHECK_THROWS_AS(token.wrap(des, des, WrapMethod::aes_kw), std::invalid_argument);
  CHECK_THROWS_AS(token.wrap(kek, des, WrapMethod::rsa_oaep), std::invalid_argument);
  CHECK_THROWS_AS(token.wrap(kek, odd, WrapMethod::aes_kw), std::invalid_argument);
}

TEST_CASE("keys of odd lengths go by key wrap with padding, and changed ones do not come back") {
  TestDevice device;
  auto& token = *device.token;
  const Key kek = token.generate_secret(KeyType::aes, 32, kKek);
  for (const KeyType type : {KeyType::des2, KeyType::des3, KeyType::aes}) {
    const std::size_t size = type == KeyType::des2 ? 16 : 24;
    const Key key = token.generate_secret(type, size, kLeaves);
    Bytes wrapped = token.wrap(kek, key, WrapMethod::aes_kwp);
    CHECK(wrapped.size() == size + 8);
    CHECK(wrapped != token.wrap(kek, key, WrapMethod::aes_kw));
    const Key again =
        token.unwrap(kek, wrapped, WrapMethod::aes_kwp, type, size, {.encrypt = true});
    CHECK(token.kcv(again) == token.kcv(key));
    CHECK_THROWS(token.unwrap(kek, wrapped, WrapMethod::aes_kw, type, size, {.encrypt = true}));
    wrapped[9] ^= 1;
    CHECK_THROWS(token.unwrap(kek, wrapped, WrapMethod::aes_kwp, type, size, {.encrypt = true}));
  }
}

TEST_CASE("the value of a key comes out where it may leave, and nowhere else") {
  TestDevice device;
  auto& token = *device.token;
  for (const std::size_t size : {16, 24, 32}) {
    const Secret value(sample(size));
    const Key leaves = token.create_secret(KeyType::aes, value, kLeaves);
    CHECK(token.expose(leaves).equals(value));
    const Key stays = token.create_secret(KeyType::aes, value, {.encrypt = true});
    CHECK_THROWS_AS(token.expose(stays), hsm::SetupError);
    token.seal_against_export(leaves);
    CHECK_THROWS_AS(token.expose(leaves), hsm::SetupError);
  }
  CHECK_THROWS_AS(token.expose(token.generate_rsa(1024, 65537, {.sign = true}, "")),
                  hsm::SetupError);
}

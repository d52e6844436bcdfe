#include "emvcrypto/rsa.h"

#include <catch2/catch.hpp>

#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

/// a * b, both big-endian; as long as both together.
Bytes product(ByteView a, ByteView b) {
  Bytes result(a.size() + b.size());
  for (std::size_t i = a.size(); i-- > 0;) {
    unsigned carry = 0;
    for (std::size_t j = b.size(); j-- > 0;) {
      carry += a[i] * b[j] + result[i + j + 1];
      result[i + j + 1] = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    result[i] = static_cast<std::uint8_t>(carry);
  }
  return result;
}

}  // namespace

TEST_CASE("what a CRT key signs, its public key recovers") {
  for (const auto& entry : test::vectors("test_private_keys")) {
    if (!test::has_crt(entry)) continue;
    INFO(entry.at("id"));
    const auto signer = test::signer(entry.at("id"));
    const RsaPublicKey& key = signer->public_key();
    Bytes first(key.size(), 0xBB);
    first[0] = 0x6A;
    Bytes second(key.size());
    second.back() = 1;
    const auto signatures = signer->sign_raw(std::vector{first, second});
    REQUIRE(signatures.size() == 2);
    CHECK(rsa_recover(key, signatures[0]) == first);
    CHECK(signatures[1] == second);
  }
}

TEST_CASE("the CRT signature is block^d mod n") {
  for (const auto& entry : test::vectors("test_private_keys")) {
    if (!test::has_crt(entry)) continue;
    INFO(entry.at("id"));
    const auto signer = test::signer(entry.at("id"));
    Bytes block(signer->public_key().size(), 0x42);
    const RsaPublicKey private_exponent{signer->public_key().modulus,
                                        test::hex(entry.at("inputs"), "d")};
    CHECK(test::sign(*signer, block) == rsa_recover(private_exponent, block));
  }
}

TEST_CASE("a key in plain exponent form recovers what its other exponent made") {
  const auto inputs = test::vector("test_private_keys", "card42-demo-issuer").at("inputs");
  const RsaPublicKey secret_key{test::hex(inputs, "n"), test::hex(inputs, "d")};
  const RsaPublicKey public_key{test::hex(inputs, "n"), from_hex("010001")};
  const Bytes block(128, 0x6A);
  CHECK(rsa_recover(public_key, rsa_recover(secret_key, block)) == block);
}

TEST_CASE("the CRT parts of DGIs 8201 to 8205 make a card's key") {
  const auto entry = test::vector("cps_perso_examples", "pboc-8201-8205");
  const auto& inputs = entry.at("inputs");
  const auto part = [&](const char* name) { return Secret(test::hex(inputs, name)); };
  const auto signer =
      make_rsa_signer({test::hex(entry.at("expected"), "icc_modulus"), test::hex(inputs, "e")},
                      {part("DGI_8205_p"), part("DGI_8204_q"), part("DGI_8203_dp"),
                       part("DGI_8202_dq"), part("DGI_8201_qinv(q^-1 mod p)")});
  const Bytes block(128, 0x33);
  CHECK(rsa_recover(signer->public_key(), test::sign(*signer, block)) == block);
}

TEST_CASE("CRT parts alone tell their key's modulus") {
  const auto inputs = test::vector("cps_perso_examples", "hce-visa-crt").at("inputs");
  const auto part = [&](const char* name) { return Secret(test::hex(inputs, name)); };
  const Bytes modulus = product(test::hex(inputs, "DGI_8205_p"), test::hex(inputs, "DGI_8204_q"));
  const auto signer =
      make_rsa_signer({modulus, {3}}, {part("DGI_8205_p"), part("DGI_8204_q"), part("DGI_8203_dp"),
                                       part("DGI_8202_dq"), part("DGI_8201_qinv")});
  const Bytes block(modulus.size(), 0x33);
  CHECK(rsa_recover(signer->public_key(), test::sign(*signer, block)) == block);
}

TEST_CASE("CRT parts of another key are refused") {
  const auto entry = test::vector("test_private_keys", "mrautio-CA").at("inputs");
  const auto part = [&](const char* name) { return Secret(test::hex(entry, name)); };
  const RsaPublicKey other = test::signer("mrautio-ISS")->public_key();
  CHECK_THROWS_AS(
      make_rsa_signer(other, {part("p"), part("q"), part("dp"), part("dq"), part("qinv")}),
      std::invalid_argument);
  const RsaPublicKey own{test::hex(entry, "n"), {3}};
  CHECK_THROWS_AS(
      make_rsa_signer(own, {part("p"), part("q"), part("dq"), part("dp"), part("qinv")}),
      std::invalid_argument);
}

TEST_CASE("a block that is no number below the modulus is refused") {
  const auto signer = test::signer("mrautio-ICC");
  const RsaPublicKey& key = signer->public_key();
  for (const Bytes& block : {Bytes{}, Bytes(key.size() - 1), Bytes(key.size() + 1), key.modulus,
                             Bytes(key.size(), 0xFF)}) {
    CHECK_THROWS_AS(rsa_recover(key, block), std::invalid_argument);
    CHECK_THROWS_AS(signer->sign_raw(std::span(&block, 1)), std::invalid_argument);
  }
}

#include "emvcrypto/certificates.h"

#include <catch2/catch.hpp>

#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

const Date kToday{2026, 11, 22};

template <typename Certificate>
void check_fields(const Certificate& content, const test::json& expected) {
  CHECK(to_hex(content.expiry) == test::text(expected, "expiry_MMYY"));
  CHECK(to_hex(content.serial) == test::text(expected, "serial"));
  CHECK(content.key.size() == expected.at("modulus_len"));
}

RsaPublicKey ca_of(const test::json& inputs) {
  if (inputs.contains("CA")) return test::ca_key(test::text(inputs, "CA"));
  return {test::hex(inputs, "CA_modulus"), test::hex(inputs, "CA_exponent")};
}

Bytes optional_hex(const test::json& object, const char* field) {
  return object.contains(field) ? test::hex(object, field) : Bytes{};
}

/// The issuer certificate of a vector, recovered.
Expected<IssuerCertificate> issuer_of(const test::json& inputs) {
  return recover_issuer_certificate(ca_of(inputs), test::hex(inputs, "issuer_cert_90"),
                                    optional_hex(inputs, "issuer_rem_92"),
                                    test::hex(inputs, "issuer_exp_9F32"));
}

std::vector<test::json> chains() {
  std::vector<test::json> all;
  for (const char* name : {"emv_sda", "emv_dda_cda"})
    for (auto& entry : test::vectors(name)) all.push_back(entry);
  return all;
}

}  // namespace

TEST_CASE("issuer certificates of real test cards are recovered") {
  for (const auto& entry : chains()) {
    INFO(entry.at("id"));
    const auto& expected = entry.at("expected");
    const auto issuer = issuer_of(entry.at("inputs"));
    REQUIRE(issuer);
    CHECK(to_hex(issuer->key.modulus) == test::text(expected, "issuer_modulus"));
    CHECK(issuer->key.exponent == test::hex(entry.at("inputs"), "issuer_exp_9F32"));
    if (!expected.contains("issuer_cert")) continue;
    CHECK(to_hex(issuer->issuer_id) == test::text(expected.at("issuer_cert"), "issuer_id"));
    check_fields(*issuer, expected.at("issuer_cert"));
  }
}

TEST_CASE("issuer certificates are built as certification authorities build them") {
  for (const auto& entry : chains()) {
    if (!entry.at("expected").contains("issuer_cert")) continue;
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto issuer = issuer_of(inputs);
    REQUIRE(issuer);
    const auto built = issuer_certificate_block(*issuer, ca_of(inputs).size());
    CHECK(to_hex(built.block) == test::text(entry.at("expected").at("issuer_cert"), "recovered"));
    CHECK(built.remainder == optional_hex(inputs, "issuer_rem_92"));
  }
}

TEST_CASE("a full chain of a test card is recovered, built and signed again") {
  const auto entry = test::vector("emv_dda_cda", "mrautio-AFFFFFFFFF-92-full-chain");
  const auto& inputs = entry.at("inputs");
  const auto& expected = entry.at("expected");
  const auto issuer = issuer_of(inputs);
  REQUIRE(issuer);
  const Bytes certificate = test::hex(inputs, "icc_cert_9F46");
  const Bytes exponent = test::hex(inputs, "icc_exp_9F47");
  const Bytes data = test::hex(inputs, "static_data");
  const auto icc = recover_icc_certificate(issuer->key, certificate, {}, exponent, data);
  REQUIRE(icc);
  CHECK(to_hex(icc->key.modulus) == test::text(expected, "icc_modulus"));
  CHECK(to_hex(icc->pan) == test::text(expected.at("icc_cert"), "PAN"));
  check_fields(*icc, expected.at("icc_cert"));
  CHECK(check_issuer_certificate(*issuer, "1234560012345608", kToday));
  CHECK(check_icc_certificate(*icc, "1234560012345608", kToday));

  const auto block = icc_certificate_block(*icc, data, issuer->key.size());
  CHECK(to_hex(block.block) == test::text(expected.at("icc_cert"), "recovered"));
  CHECK(block.remainder.empty());
  const auto issuer_signer = test::signer("mrautio-ISS");
  CHECK(test::sign(*issuer_signer, block.block) == certificate);
  const auto issuer_block = issuer_certificate_block(*issuer, ca_of(inputs).size());
  const auto ca_signer = test::signer("mrautio-CA");
  CHECK(test::sign(*ca_signer, issuer_block.block) == test::hex(inputs, "issuer_cert_90"));
}

TEST_CASE("ICC certificates over other static data are refused") {
  for (const auto& entry : test::vectors("emv_dda_cda")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto issuer = issuer_of(inputs);
    REQUIRE(issuer);
    const auto icc =
        recover_icc_certificate(issuer->key, test::hex(inputs, "icc_cert_9F46"),
                                optional_hex(entry.at("expected"), "icc_remainder_9F48"),
                                test::hex(inputs, "icc_exp_9F47"), from_hex("5A"));
    REQUIRE_FALSE(icc);
    CHECK(icc.error().code == "cert-hash");
  }
}

TEST_CASE("ICC certificates of real test cards are laid out as ours") {
  for (const auto& entry : test::vectors("emv_dda_cda")) {
    INFO(entry.at("id"));
    const auto& expected = entry.at("expected");
    const auto& fields = expected.at("icc_cert");
    const std::size_t issuer_size = test::hex(expected, "issuer_modulus").size();
    const IccCertificate content{
        test::hex(fields, "PAN"),
        test::hex(fields, "expiry_MMYY"),
        test::hex(fields, "serial"),
        {test::hex(expected, "icc_modulus"), test::hex(entry.at("inputs"), "icc_exp_9F47")}};
    const auto built = icc_certificate_block(content, {}, issuer_size);
    const std::size_t before_hash = 2 * (issuer_size - 21);
    CHECK(to_hex(built.block).substr(0, before_hash) ==
          test::text(fields, "recovered").substr(0, before_hash));
    CHECK(built.remainder == optional_hex(expected, "icc_remainder_9F48"));
  }
}

TEST_CASE("signed static data are laid out as on real test cards") {
  for (const auto& entry : test::vectors("emv_sda")) {
    const auto& expected = entry.at("expected");
    const auto issuer = issuer_of(entry.at("inputs"));
    REQUIRE(issuer);
    const Bytes ssad = test::hex(entry.at("inputs"), "SSAD_93");
    CHECK(to_hex(rsa_recover(issuer->key, ssad)) == test::text(expected, "ssad_recovered"));
    const Bytes built = ssad_block(test::hex(expected, "DAC"), {}, issuer->key.size());
    const std::size_t before_hash = 2 * (built.size() - 21);
    CHECK(to_hex(built).substr(0, before_hash) ==
          test::text(expected, "ssad_recovered").substr(0, before_hash));
    CHECK(recover_ssad(issuer->key, ssad, {}).error().code == "cert-hash");
  }
}

TEST_CASE("signed dynamic data of real test cards are recovered and built") {
  for (const auto& entry : test::vectors("emv_dda_cda")) {
    const auto& inputs = entry.at("inputs");
    if (!inputs.contains("SDAD_9F4B")) continue;
    INFO(entry.at("id"));
    const auto& expected = entry.at("expected");
    const RsaPublicKey icc{test::hex(expected, "icc_modulus"), test::hex(inputs, "icc_exp_9F47")};
    // DDA signs the DDOL's data; CDA the same way its unpredictable number.
    const Bytes terminal = test::hex(inputs, inputs.contains("UN") ? "UN" : "DDOL_data");
    const auto dynamic_data = recover_sdad(icc, test::hex(inputs, "SDAD_9F4B"), terminal);
    REQUIRE(dynamic_data);
    CHECK(dynamic_data->at(0) <= 8);
    CHECK(to_hex(sdad_block(*dynamic_data, terminal, icc.size())) ==
          test::text(expected, "sdad_recovered"));
    CHECK(recover_sdad(icc, test::hex(inputs, "SDAD_9F4B"), Bytes(4)).error().code == "cert-hash");
  }
}

TEST_CASE("keys of certification authorities have their published check sums") {
  for (const auto& entry : test::vectors("ca_public_keys")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const RsaPublicKey key{test::hex(inputs, "modulus"), test::hex(inputs, "exponent")};
    CHECK(to_hex(ca_key_hash(test::hex(inputs, "RID"), test::hex(inputs, "index").at(0), key)) ==
          test::text(entry.at("expected"), "sha1"));
  }
}

TEST_CASE("the remainder of a key as long as its issuer's is 42 bytes") {
  const auto entry = test::vector("cps_perso_examples", "pboc-8201-8205");
  const Bytes modulus = test::hex(entry.at("expected"), "icc_modulus");
  const IccCertificate content{Bytes(10), Bytes(2), Bytes(3), {modulus, {3}}};
  CHECK(to_hex(icc_certificate_block(content, {}, modulus.size()).remainder) ==
        test::text(entry.at("expected"), "tag_9F48"));
}

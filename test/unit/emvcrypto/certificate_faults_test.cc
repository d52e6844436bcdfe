// Every way in which a certificate or signed data can be wrong has its own code.
#include <catch2/catch.hpp>

#include "emvcrypto/certificates.h"
#include "emvcrypto/hash.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

const Bytes kExponent{3};

IccCertificate card() {
  return {from_hex("1234560012345608FFFF"), from_hex("1249"), from_hex("000001"),
          test::signer("mrautio-ICC")->public_key()};
}

/// Recovers the block after a change that keeps its hash right.
std::string code_after(std::size_t at, std::uint8_t value, bool rehash = true) {
  const auto issuer = test::signer("mrautio-ISS");
  Bytes block = icc_certificate_block(card(), {}, issuer->public_key().size()).block;
  block[at] = value;
  if (rehash) {
    const std::size_t before_hash = block.size() - 21;
    const Bytes hash = sha1({ByteView(block).subspan(1, before_hash - 1), kExponent});
    std::ranges::copy(hash, block.begin() + static_cast<std::ptrdiff_t>(before_hash));
  }
  const auto result =
      recover_icc_certificate(issuer->public_key(), test::sign(*issuer, block), {}, kExponent, {});
  return result ? "good" : result.error().code;
}

}  // namespace

TEST_CASE("each wrong byte of a certificate has its code") {
  CHECK(code_after(0, 0x6A) == "good");
  CHECK(code_after(0, 0x6B) == "cert-header");
  CHECK(code_after(1, 0x02) == "cert-format");
  CHECK(code_after(17, 0x02) == "cert-algorithm");
  CHECK(code_after(18, 0x02) == "cert-algorithm");
  CHECK(code_after(19, 0xB1) == "cert-length");
  CHECK(code_after(19, 0xB0) == "cert-length");
  CHECK(code_after(19, 0x00) == "cert-length");
  CHECK(code_after(20, 0x03) == "cert-length");
  CHECK(code_after(175, 0xBB) == "cert-trailer");
  CHECK(code_after(5, 0x99, false) == "cert-hash");
  CHECK(code_after(170, 0x99, false) == "cert-hash");
}

TEST_CASE("parts of wrong lengths are refused") {
  const auto issuer = test::signer("mrautio-ISS");
  const RsaPublicKey& key = issuer->public_key();
  const Bytes certificate =
      test::sign(*issuer, icc_certificate_block(card(), {}, key.size()).block);
  const auto code = [&](ByteView signed_block, ByteView remainder, ByteView exponent) {
    return recover_icc_certificate(key, signed_block, remainder, exponent, {}).error().code;
  };
  CHECK(code(ByteView(certificate).first(175), {}, kExponent) == "cert-length");
  CHECK(code({}, {}, kExponent) == "cert-length");
  CHECK(code(key.modulus, {}, kExponent) == "cert-length");
  CHECK(code(Bytes(176, 0xFF), {}, kExponent) == "cert-length");
  CHECK(code(certificate, Bytes(1), kExponent) == "cert-length");
  CHECK(code(certificate, {}, {}) == "cert-length");
  CHECK(code(certificate, {}, from_hex("010001")) == "cert-length");
  CHECK(code(certificate, {}, Bytes{5}) == "cert-hash");
  CHECK(recover_icc_certificate({}, {}, {}, kExponent, {}).error().code == "cert-length");
  CHECK(
      recover_icc_certificate({Bytes(41, 0xFF), {3}}, Bytes(41), {}, kExponent, {}).error().code ==
      "cert-length");
}

TEST_CASE("signed data under another key or in another place are refused") {
  const auto issuer = test::signer("mrautio-ISS");
  const RsaPublicKey& key = issuer->public_key();
  const Bytes data = from_hex("5A0812345600123456085F340100");
  const Bytes ssad = test::sign(*issuer, ssad_block(from_hex("DAC1"), data, key.size()));
  CHECK(to_hex(recover_ssad(key, ssad, data).value()) == "DAC1");
  CHECK(recover_ssad(key, ssad, {}).error().code == "cert-hash");
  CHECK(recover_sdad(key, ssad, data).error().code == "cert-format");
  const std::string other =
      recover_ssad(test::signer("mrautio-CA")->public_key(), ssad, data).error().code;
  CHECK((other == "cert-trailer" || other == "cert-length"));
}

TEST_CASE("signed dynamic data whose length lies are refused") {
  const auto icc = test::signer("mrautio-ICC");
  const std::size_t size = icc->public_key().size();
  const auto code_with = [&](std::size_t at, std::uint8_t value) {
    Bytes block = sdad_block(from_hex("0411223344"), from_hex("01020304"), size);
    block[at] = value;
    const Bytes hash = sha1({ByteView(block).subspan(1, size - 22), from_hex("01020304")});
    std::ranges::copy(hash, block.end() - 21);
    const auto data =
        recover_sdad(icc->public_key(), test::sign(*icc, block), from_hex("01020304"));
    return data ? to_hex(*data) : data.error().code;
  };
  CHECK(code_with(3, 5) == "0411223344");
  CHECK(code_with(3, static_cast<std::uint8_t>(size - 24)) == "cert-length");
  CHECK(code_with(2, 0x02) == "cert-algorithm");
}

TEST_CASE("certificates for another PAN or past their month are refused") {
  const IccCertificate icc = card();
  const auto icc_code = [&](std::string_view pan, const Date& today) {
    const auto result = check_icc_certificate(icc, pan, today);
    return result ? "good" : result.error().code;
  };
  CHECK(icc_code("1234560012345608", {2049, 12, 31}) == "good");
  CHECK(icc_code("1234560012345608", {2050, 1, 1}) == "cert-expired");
  CHECK(icc_code("1234560012345616", {2026, 1, 1}) == "cert-subject");
  CHECK(icc_code("123456001234560", {2026, 1, 1}) == "cert-subject");
  CHECK(icc_code("", {2026, 1, 1}) == "cert-subject");

  IssuerCertificate issuer{from_hex("123456FF"), from_hex("1249"), Bytes(3), {}};
  const auto issuer_code = [&](std::string_view pan, const Date& today) {
    const auto result = check_issuer_certificate(issuer, pan, today);
    return result ? "good" : result.error().code;
  };
  CHECK(issuer_code("1234560012345608", {2049, 12, 31}) == "good");
  CHECK(issuer_code("1234570012345608", {2049, 12, 31}) == "cert-subject");
  CHECK(issuer_code("1234560012345608", {2050, 1, 1}) == "cert-expired");
  issuer.expiry = from_hex("1349");
  CHECK(issuer_code("1234560012345608", {2026, 1, 1}) == "cert-format");
  issuer.expiry = {};
  CHECK(issuer_code("1234560012345608", {2026, 1, 1}) == "cert-format");
}

TEST_CASE("an issuer identifier is three to eight leading digits of the PAN") {
  const auto matches = [](std::string_view id) {
    return issuer_id_matches(from_hex(id), "1234567890123456");
  };
  for (const char* id : {"123FFFFF", "1234FFFF", "12345678", "1234567F"}) CHECK(matches(id));
  for (const char* id : {"12FFFFFF", "FFFFFFFF", "1235FFFF", "12F4FFFF", "12345679", "123A5FFF"})
    CHECK_FALSE(matches(id));
  CHECK_FALSE(issuer_id_matches({}, "1234567890123456"));
}

TEST_CASE("blocks out of EMV's limits are not built") {
  const IssuerCertificate good{Bytes(4), Bytes(2), Bytes(3), {Bytes(128, 0xC1), kExponent}};
  CHECK_NOTHROW(issuer_certificate_block(good, 128));
  CHECK_NOTHROW(issuer_certificate_block(good, 248));
  CHECK_THROWS_AS(issuer_certificate_block(good, 127), std::invalid_argument);
  CHECK_THROWS_AS(issuer_certificate_block(good, 249), std::invalid_argument);
  const auto refused = [&](auto change) {
    IssuerCertificate content = good;
    change(content);
    CHECK_THROWS_AS(issuer_certificate_block(content, 128), std::invalid_argument);
  };
  refused([](IssuerCertificate& content) { content.issuer_id = Bytes(3); });
  refused([](IssuerCertificate& content) { content.expiry = Bytes(3); });
  refused([](IssuerCertificate& content) { content.serial = Bytes(2); });
  refused([](IssuerCertificate& content) { content.key.exponent = {}; });
  refused([](IssuerCertificate& content) { content.key.exponent = Bytes(2); });
  refused([](IssuerCertificate& content) { content.key.modulus = {}; });
  IccCertificate icc = card();
  icc.pan = Bytes(8);
  CHECK_THROWS_AS(icc_certificate_block(icc, {}, 176), std::invalid_argument);
  CHECK_THROWS_AS(icc_certificate_block(card(), {}, 42), std::invalid_argument);
  CHECK_THROWS_AS(ssad_block(Bytes(3), {}, 128), std::invalid_argument);
  CHECK_THROWS_AS(ssad_block(Bytes(2), {}, 25), std::invalid_argument);
  CHECK_THROWS_AS(sdad_block(Bytes(104), {}, 128), std::invalid_argument);
  CHECK_THROWS_AS(sdad_block({}, {}, 128), std::invalid_argument);
  CHECK(sdad_block(Bytes(103), {}, 128).size() == 128);
}

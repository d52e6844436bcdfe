#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "emvcrypto/certificates.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

Bytes random_bytes(std::size_t size) {
  return *rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>());
}

RsaPublicKey random_key(std::size_t longest) {
  return {random_bytes(*rc::gen::inRange<std::size_t>(1, longest + 1)),
          *rc::gen::element(Bytes{3}, Bytes{1, 0, 1})};
}

/// Flips one random bit of one of the parts that is not empty.
void flip_one_bit(std::vector<Bytes*> parts) {
  std::erase_if(parts, [](const Bytes* part) { return part->empty(); });
  Bytes& part = **rc::gen::elementOf(parts);
  const auto bit = *rc::gen::inRange<std::size_t>(0, part.size() * 8);
  part[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
}

}  // namespace

TEST_CASE("issuer certificates recover to what they were built from") {
  const auto ca = test::signer("mrautio-CA");
  const std::size_t size = ca->public_key().size();
  rc::prop("for any content and key length", [&] {
    const IssuerCertificate content{random_bytes(4), random_bytes(2), random_bytes(3),
                                    random_key(size)};
    const auto built = issuer_certificate_block(content, size);
    RC_ASSERT(built.block.size() == size);
    const std::size_t room = size - 36;
    const std::size_t outside = content.key.size() > room ? content.key.size() - room : 0;
    RC_ASSERT(built.remainder.size() == outside);
    const auto recovered = recover_issuer_certificate(
        ca->public_key(), test::sign(*ca, built.block), built.remainder, content.key.exponent);
    RC_ASSERT(recovered.has_value());
    RC_ASSERT(recovered->issuer_id == content.issuer_id);
    RC_ASSERT(recovered->expiry == content.expiry);
    RC_ASSERT(recovered->serial == content.serial);
    RC_ASSERT(recovered->key == content.key);
  });
}

TEST_CASE("one changed bit anywhere breaks a card's certificate") {
  const auto issuer = test::signer("mrautio-ISS");
  const RsaPublicKey& key = issuer->public_key();
  rc::prop("in the certificate, the remainder, the exponent or the static data", [&] {
    const IccCertificate content{random_bytes(10), random_bytes(2), random_bytes(3),
                                 random_key(key.size())};
    Bytes data = random_bytes(*rc::gen::inRange<std::size_t>(0, 200));
    auto [block, remainder] = icc_certificate_block(content, data, key.size());
    Bytes certificate = test::sign(*issuer, block);
    Bytes exponent = content.key.exponent;
    const auto good = recover_icc_certificate(key, certificate, remainder, exponent, data);
    RC_ASSERT(good.has_value());
    RC_ASSERT(good->pan == content.pan);
    RC_ASSERT(good->key == content.key);
    flip_one_bit({&certificate, &remainder, &exponent, &data});
    RC_ASSERT(!recover_icc_certificate(key, certificate, remainder, exponent, data));
  });
}

TEST_CASE("one changed bit anywhere breaks signed static data") {
  const auto issuer = test::signer("mrautio-ISS");
  const RsaPublicKey& key = issuer->public_key();
  rc::prop("in the signature or the data", [&] {
    const Bytes dac = random_bytes(2);
    Bytes data = random_bytes(*rc::gen::inRange<std::size_t>(0, 300));
    Bytes ssad = test::sign(*issuer, ssad_block(dac, data, key.size()));
    RC_ASSERT(recover_ssad(key, ssad, data).value() == dac);
    flip_one_bit({&ssad, &data});
    RC_ASSERT(!recover_ssad(key, ssad, data));
  });
}

TEST_CASE("signed dynamic data recover to what the chip signed") {
  const auto icc = test::signer("mrautio-ICC");
  const RsaPublicKey& key = icc->public_key();
  rc::prop("for any dynamic and terminal data", [&] {
    const Bytes dynamic_data = random_bytes(*rc::gen::inRange<std::size_t>(1, key.size() - 25 + 1));
    Bytes terminal = random_bytes(*rc::gen::inRange<std::size_t>(0, 40));
    Bytes sdad = test::sign(*icc, sdad_block(dynamic_data, terminal, key.size()));
    RC_ASSERT(recover_sdad(key, sdad, terminal).value() == dynamic_data);
    flip_one_bit({&sdad, &terminal});
    RC_ASSERT(!recover_sdad(key, sdad, terminal));
  });
}

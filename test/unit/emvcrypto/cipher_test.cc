#include "emvcrypto/cipher.h"

#include <catch2/catch.hpp>

#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

Bytes enciphered(BlockCipher& cipher, Bytes blocks) {
  cipher.encrypt(blocks);
  return blocks;
}

}  // namespace

TEST_CASE("ciphers give the standards' examples") {
  // NIST SP 800-17, table A.1; FIPS 197, appendix C.
  CHECK(to_hex(enciphered(*make_des(from_hex("0101010101010101")), from_hex("8000000000000000"))) ==
        "95F8A5E5DD31D900");
  const Bytes plain = from_hex("00112233445566778899AABBCCDDEEFF");
  const std::string key = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
  CHECK(to_hex(enciphered(*make_aes(from_hex(key.substr(0, 32))), plain)) ==
        "69C4E0D86A7B0430D8CDB78070B4C55A");
  CHECK(to_hex(enciphered(*make_aes(from_hex(key.substr(0, 48))), plain)) ==
        "DDA97CA4864CDFE06EAF70A0EC0D7191");
  CHECK(to_hex(enciphered(*make_aes(from_hex(key)), plain)) == "8EA2B7CA516745BFEAFC49904B496089");
}

TEST_CASE("a triple DES key of equal parts is a single DES key") {
  const Bytes part = from_hex("0123456789ABCDEF");
  const Bytes block = from_hex("4E6F772069732074");
  const Bytes single = enciphered(*make_des(part), block);
  CHECK(to_hex(single) == "3FA40E8A984D4815");
  CHECK(enciphered(*make_des(concat({part, part})), block) == single);
  CHECK(enciphered(*make_des(concat({part, part, part})), block) == single);
}

TEST_CASE("parity bits of a DES key do not matter") {
  const Bytes even = from_hex("0022446688AACCEE0022446688AACCEE");
  Bytes odd = even;
  set_odd_parity(odd);
  CHECK(to_hex(odd) == "0123456789ABCDEF0123456789ABCDEF");
  CHECK(enciphered(*make_des(even), Bytes(8)) == enciphered(*make_des(odd), Bytes(8)));
}

TEST_CASE("many blocks are enciphered one by one, and back") {
  const auto cipher = make_des(from_hex("0123456789ABCDEFFEDCBA9876543210"));
  const Bytes one = enciphered(*cipher, Bytes(8));
  Bytes many = enciphered(*cipher, Bytes(24));
  CHECK(many == concat({one, one, one}));
  cipher->decrypt(many);
  CHECK(many == Bytes(24));
}

TEST_CASE("CBC chains every block with the one before") {
  for (const auto& cipher : {make_des(from_hex("0123456789ABCDEFFEDCBA9876543210")).release(),
                             make_aes(from_hex("0123456789ABCDEFFEDCBA9876543210")).release()}) {
    const std::unique_ptr<BlockCipher> owner(cipher);
    const std::size_t size = cipher->block_size();
    Bytes message(2 * size, 0x5A);
    const Bytes first = enciphered(*cipher, Bytes(size, 0x5A));
    const Bytes second = enciphered(*cipher, exclusive_or(Bytes(size, 0x5A), first));
    cipher->encrypt_cbc(message);
    CHECK(message == concat({first, second}));
  }
}

TEST_CASE("wrong lengths are refused") {
  for (std::size_t size : {0U, 7U, 15U, 17U, 32U})
    CHECK_THROWS_AS(make_des(Bytes(size)), std::invalid_argument);
  for (std::size_t size : {0U, 8U, 17U, 33U})
    CHECK_THROWS_AS(make_aes(Bytes(size)), std::invalid_argument);
  const auto cipher = make_des(Bytes(16));
  Bytes odd(9);
  CHECK_THROWS_AS(cipher->encrypt(odd), std::invalid_argument);
  CHECK_THROWS_AS(cipher->decrypt(odd), std::invalid_argument);
  CHECK_THROWS_AS(cipher->encrypt_cbc(odd), std::invalid_argument);
}

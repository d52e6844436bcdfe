#include "emvcrypto/cmac.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "emvcrypto/cbc.h"
#include "emvcrypto/mac.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

TEST_CASE("CMAC over 3DES and AES is that of SP 800-38B's examples") {
  const Bytes message = from_hex(
      "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51"
      "30C81C46A35CE411E5FBC1191A0A52EFF69F2445DF4F9B17AD2B417BE66C3710");
  const auto mac = [&](BlockCipher& cipher, std::size_t length) {
    return to_hex(cmac(cipher, ByteView(message).first(length)));
  };
  const auto aes = make_aes(from_hex("2B7E151628AED2A6ABF7158809CF4F3C"));
  CHECK(mac(*aes, 0) == "BB1D6929E95937287FA37D129B756746");
  CHECK(mac(*aes, 16) == "070A16B46B4D4144F79BDD9DD04A287C");
  CHECK(mac(*aes, 40) == "DFA66747DE9AE63030CA32611497C827");
  CHECK(mac(*aes, 64) == "51F0BEBF7E3B9D92FC49741779363CFE");
  const auto triple = make_des(from_hex("8AA83BF8CBDA10620BC1BF19FBB6CD58BC313D4A371CA8B5"));
  CHECK(mac(*triple, 0) == "B7A688E122FFAF95");
  CHECK(mac(*triple, 8) == "8E8F293136283797");
  CHECK(mac(*triple, 20) == "743DDBE0CE2DC2ED");
  CHECK(mac(*triple, 32) == "33E6B1092400EAE5");
}

TEST_CASE("CMAC over a cipher equals CMAC over its key") {
  rc::prop("for any message", [](const Bytes& message) {
    for (std::size_t size : {16U, 24U, 32U}) {
      const Bytes key(size, 0x5A);
      RC_ASSERT(cmac(*make_aes(key), message) == aes_cmac(key, message));
    }
  });
}

TEST_CASE("CBC from an initial value is CBC with it in front, and comes back") {
  const auto cipher = make_aes(Bytes(16, 0x11));
  rc::prop("for any whole blocks", [&](const Bytes& any) {
    const Bytes clear = pad_80(any, 16);
    const Bytes initial(16, 0xA5);
    Bytes blocks = clear;
    encrypt_cbc(*cipher, initial, blocks);
    RC_ASSERT(blocks != clear);
    decrypt_cbc(*cipher, initial, blocks);
    RC_ASSERT(blocks == clear);
  });
  Bytes zero(32), same(32);
  encrypt_cbc(*cipher, Bytes(16), zero);
  cipher->encrypt_cbc(same);
  CHECK(zero == same);
}

TEST_CASE("CBC takes whole blocks and one block of initial value") {
  const auto cipher = make_aes(Bytes(16));
  Bytes none, odd(15), longer(17), block(16);
  CHECK_NOTHROW(encrypt_cbc(*cipher, Bytes(16), none));
  CHECK_NOTHROW(decrypt_cbc(*cipher, Bytes(16), none));
  CHECK_THROWS_AS(encrypt_cbc(*cipher, Bytes(8), block), std::invalid_argument);
  CHECK_THROWS_AS(decrypt_cbc(*cipher, Bytes(8), block), std::invalid_argument);
  for (Bytes* wrong : {&odd, &longer}) {
    CHECK_THROWS_AS(encrypt_cbc(*cipher, Bytes(16), *wrong), std::invalid_argument);
    CHECK_THROWS_AS(decrypt_cbc(*cipher, Bytes(16), *wrong), std::invalid_argument);
  }
}

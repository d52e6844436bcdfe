#include "emvcrypto/mac.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

TEST_CASE("padding method 2 adds 80 and zeros, and is taken off again") {
  CHECK(to_hex(pad_80(Bytes{}, 8)) == "8000000000000000");
  CHECK(to_hex(pad_80(from_hex("01020304050607"), 8)) == "0102030405060780");
  CHECK(pad_80(Bytes(8), 8).size() == 16);
  CHECK_FALSE(unpad_80(Bytes(8)));
  CHECK_FALSE(unpad_80(Bytes{}));
  rc::prop("for any message", [](const Bytes& message) {
    for (std::size_t size : {8U, 16U}) {
      const Bytes padded = pad_80(message, size);
      RC_ASSERT(padded.size() % size == 0U);
      RC_ASSERT(padded.size() > message.size());
      RC_ASSERT(unpad_80(padded) == message);
    }
  });
}

TEST_CASE("padding method 1 fills the last block with zeros") {
  CHECK(to_hex(pad_00(from_hex("0102"), 8)) == "0102000000000000");
  CHECK(pad_00(Bytes(8, 1), 8) == Bytes(8, 1));
  CHECK(pad_00(Bytes{}, 8) == Bytes(8));
}

TEST_CASE("retail MACs are those of ISO/IEC 9797-1 algorithm 3") {
  for (const char* id : {"psec-retail-pad1", "psec-retail-pad2"}) {
    const auto entry = test::vector("mac_kcv_variants", id);
    const auto& inputs = entry.at("inputs");
    // The vector's key parts are two double-length keys whose halves are equal.
    const Bytes left = test::hex(inputs, "key1");
    const Bytes right = test::hex(inputs, "key2");
    const auto key =
        make_retail_mac_key(concat({ByteView(left).first(8), ByteView(right).first(8)}));
    const Bytes data = test::hex(inputs, "data");
    const Bytes padded = inputs.at("padding") == 1 ? pad_00(data, 8) : pad_80(data, 8);
    INFO(id);
    CHECK(to_hex(retail_mac(key, padded)) == test::text(entry.at("expected"), "MAC"));
  }
}

TEST_CASE("many retail MACs equal one by one") {
  const auto key = make_retail_mac_key(from_hex("0123456789ABCDEFFEDCBA9876543210"));
  rc::prop("for any messages", [&](const std::vector<Bytes>& messages) {
    std::vector<Bytes> padded;
    std::vector<Bytes> expected;
    for (const Bytes& message : messages) {
      padded.push_back(pad_80(message, 8));
      expected.push_back(retail_mac(key, padded.back()));
    }
    RC_ASSERT(retail_macs(key, padded) == expected);
  });
}

TEST_CASE("an initial value goes into the first block") {
  const auto key = make_retail_mac_key(from_hex("0123456789ABCDEFFEDCBA9876543210"));
  const Bytes initial = from_hex("1122334455667788");
  CHECK(retail_mac(key, Bytes(16), initial) == retail_mac(key, concat({initial, Bytes(8)})));
  CHECK(retail_mac(key, Bytes(8), initial) == retail_mac(key, initial));
  CHECK_THROWS_AS(retail_mac(key, Bytes(8), Bytes(7)), std::invalid_argument);
}

TEST_CASE("a CBC MAC is the last block of the chain") {
  const auto cipher = make_des(from_hex("0123456789ABCDEFFEDCBA9876543210"));
  Bytes chain = from_hex("00112233445566778899AABBCCDDEEFF");
  const Bytes mac = cbc_mac(*cipher, chain);
  cipher->encrypt_cbc(chain);
  CHECK(mac == Bytes(chain.begin() + 8, chain.end()));
}

TEST_CASE("MACs are over whole blocks") {
  const auto key = make_retail_mac_key(Bytes(16));
  for (std::size_t size : {0U, 7U, 9U}) {
    CHECK_THROWS_AS(retail_mac(key, Bytes(size)), std::invalid_argument);
    CHECK_THROWS_AS(cbc_mac(*key.whole, Bytes(size)), std::invalid_argument);
  }
  CHECK_THROWS_AS(make_retail_mac_key(Bytes(8)), std::invalid_argument);
}

TEST_CASE("CMAC and HMAC are those of SP 800-38B and RFC 4231") {
  const Bytes key = from_hex("2B7E151628AED2A6ABF7158809CF4F3C");
  CHECK(to_hex(aes_cmac(key, {})) == "BB1D6929E95937287FA37D129B756746");
  CHECK(to_hex(aes_cmac(key, from_hex("6BC1BEE22E409F96E93D7E117393172A"))) ==
        "070A16B46B4D4144F79BDD9DD04A287C");
  CHECK_THROWS_AS(aes_cmac(Bytes(8), {}), std::invalid_argument);
  CHECK(to_hex(hmac_sha256(Bytes(20, 0x0B), as_bytes("Hi There"))) ==
        "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7");
}

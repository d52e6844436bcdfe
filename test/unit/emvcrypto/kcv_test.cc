#include "emvcrypto/kcv.h"

#include <catch2/catch.hpp>

#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

TEST_CASE("check values are those that other systems show") {
  int checked = 0;
  for (const auto& entry : test::vectors("mac_kcv_variants")) {
    const std::string id = entry.at("id");
    if (!id.starts_with("kcv-")) continue;
    INFO(id);
    const Bytes key = test::hex(entry.at("inputs"), "key");
    const std::string expected = test::text(entry.at("expected"), "KCV");
    if (id.starts_with("kcv-3des"))
      CHECK((to_hex(des_kcv(*make_des(key))) == expected &&
             to_hex(zero_kcv(*make_des(key))) == expected));
    else if (id.starts_with("kcv-aes-gp"))
      CHECK(to_hex(aes_gp_kcv(*make_aes(key))) == expected);
    else
      CHECK(
          (to_hex(aes_cmac_kcv(key)) == expected && to_hex(cmac_kcv(*make_aes(key))) == expected));
    ++checked;
  }
  CHECK(checked == 9);
}

TEST_CASE("a CMAC check value is as long as asked") {
  CHECK(aes_cmac_kcv(Bytes(16), 3).size() == 3);
  CHECK(aes_cmac_kcv(Bytes(32), 16).size() == 16);
  CHECK_THROWS_AS(aes_cmac_kcv(Bytes(16), 0), std::invalid_argument);
  CHECK_THROWS_AS(aes_cmac_kcv(Bytes(16), 17), std::invalid_argument);
  CHECK(cmac_kcv(*make_des(Bytes(16)), 8).size() == 8);
  CHECK_THROWS_AS(cmac_kcv(*make_des(Bytes(16)), 9), std::invalid_argument);
  CHECK_THROWS_AS(cmac_kcv(*make_aes(Bytes(16)), 0), std::invalid_argument);
}

TEST_CASE("the legacy check value of AES is that of a zero block") {
  // FIPS 197's AES-128 of a zero block under a zero key.
  CHECK(to_hex(zero_kcv(*make_aes(Bytes(16)))) == "66E94B");
}

TEST_CASE("the keys of DGI 8000 have the check values of DGI 9000") {
  const auto entry = test::vector("cps_perso_examples", "pboc-8000-9000");
  const Bytes keys = test::hex(entry.at("inputs"), "DGI_8000_clear");
  Bytes values;
  for (std::size_t at = 0; at < keys.size(); at += 16)
    append(values, des_kcv(*make_des(ByteView(keys).subspan(at, 16))));
  CHECK(to_hex(values) == test::text(entry.at("expected"), "DGI_9000"));
}

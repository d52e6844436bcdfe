#include "emvcrypto/cvv.h"

#include <catch2/catch.hpp>

#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

std::string value(const test::json& inputs, const std::string& expiry) {
  const std::string pan = inputs.at("PAN");
  const std::string service_code = inputs.at("service_code");
  const CvvInput card{pan, expiry, service_code};
  return card_verification_values(make_retail_mac_key(test::hex(inputs, "CVK")),
                                  std::span(&card, 1))
      .at(0);
}

/// Counts the calls of the cipher below it.
class Counted : public BlockCipher {
 public:
  Counted(std::unique_ptr<BlockCipher> cipher, int& calls)
      : cipher_(std::move(cipher)), calls_(calls) {}
  std::size_t block_size() const override { return cipher_->block_size(); }
  void encrypt(MutableBytes blocks) override { ++calls_, cipher_->encrypt(blocks); }
  void decrypt(MutableBytes blocks) override { ++calls_, cipher_->decrypt(blocks); }
  void encrypt_cbc(MutableBytes message) override { ++calls_, cipher_->encrypt_cbc(message); }

 private:
  std::unique_ptr<BlockCipher> cipher_;
  int& calls_;
};

}  // namespace

TEST_CASE("card verification values are those of other systems") {
  const auto cvv = test::vector("cvv", "psec-cvv");
  CHECK(value(cvv.at("inputs"), "3333") == test::text(cvv.at("expected"), "CVV"));
  const auto icvv = test::vector("cvv", "calc-icvv-999");
  CHECK(value(icvv.at("inputs"), "8701") == test::text(icvv.at("expected"), "iCVV"));
  const auto cvv2 = test::vector("cvv", "calc-cvv2-000");
  CHECK(value(cvv2.at("inputs"), "0187") == test::text(cvv2.at("expected"), "CVV2_MMYY"));
  CHECK(value(cvv2.at("inputs"), "8701") == test::text(cvv2.at("expected"), "CVV2_YYMM"));
}

TEST_CASE("a whole list costs two calls of the cipher") {
  int calls = 0;
  const Bytes cvk = from_hex("99999999999999998888888888888888");
  const RetailMacKey key{std::make_unique<Counted>(make_des(ByteView(cvk).first(8)), calls),
                         std::make_unique<Counted>(make_des(cvk), calls)};
  const std::vector<CvvInput> cards(100, {"2222222222222222", "3333", "111"});
  const auto values = card_verification_values(key, cards);
  CHECK(values == std::vector<std::string>(100, "361"));
  CHECK(calls == 2);
  CHECK(card_verification_values(key, {}).empty());
  CHECK(calls == 2);
}

TEST_CASE("values over anything but digits of the right number are refused") {
  const auto key = make_retail_mac_key(Bytes(16));
  for (const CvvInput& card :
       {CvvInput{"22222222222", "3333", "111"}, CvvInput{"22222222222222222222", "3333", "111"},
        CvvInput{"2222222222222222", "333", "111"}, CvvInput{"2222222222222222", "3333", "11"},
        CvvInput{"222222222222222A", "3333", "111"}})
    CHECK_THROWS_AS(card_verification_values(key, std::span(&card, 1)), std::invalid_argument);
}

TEST_CASE("a 19-digit PAN has a value of its own") {
  const auto key = make_retail_mac_key(from_hex("0123456789ABCDEFFEDCBA9876543210"));
  const CvvInput cards[] = {{"5413339000000061650", "2912", "999"},
                            {"5413339000000061651", "2912", "999"}};
  const auto values = card_verification_values(key, cards);
  REQUIRE(values.size() == 2);
  CHECK(values[0] != values[1]);
}

TEST_CASE("decimalisation takes digits first, then letters less ten") {
  CHECK(decimalise(from_hex("A1B2C3D4E5F60000"), 16) == "1234560000012345");
  CHECK(decimalise(from_hex("FEDCBA"), 3) == "543");
  CHECK_THROWS_AS(decimalise(Bytes(1), 3), std::invalid_argument);
}

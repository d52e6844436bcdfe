#include "kpd/keys/pin_cipher.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "test/unit/emvcrypto/vectors.h"
#include "test/unit/support/test_device.h"

using hsm::KeyType;
using hsm::Secret;
using kpd::PinCipher;

namespace {

constexpr std::string_view kPan = "5555555551234567";
const hsm::Usage kBothWays{.encrypt = true, .decrypt = true};

Secret secret(std::string_view text) {
  return Secret(emvcrypto::as_bytes(text));
}

std::string shown(const emvcrypto::Expected<Secret>& pin) {
  return pin ? std::string(emvcrypto::as_text(pin->expose())) : pin.error().code;
}

hsm::Key key_for(hsm_test::TestDevice& device, int format, const hsm::Bytes& value) {
  return device.token->create_secret(format == 4 ? KeyType::aes : KeyType::des2,
                                     Secret(emvcrypto::ByteView(value)), kBothWays);
}

}  // namespace

TEST_CASE("PIN blocks of other systems are opened under a key of the device") {
  hsm_test::TestDevice device;
  for (const auto& entry : test::vectors("pin_blocks")) {
    const auto& inputs = entry.at("inputs");
    const int format = inputs.at("format");
    if (format == 2 || !entry.at("expected").contains("block")) continue;
    INFO(entry.at("id"));
    const hsm::Bytes key = format == 4 ? test::hex(inputs, "key") : hsm_test::sample(16, 0x42);
    hsm::Bytes block = test::hex(entry.at("expected"), "block");
    if (format != 4) block = hsm_test::des_ecb(key, block);  // the vectors are clear blocks
    const std::string pan = inputs.at("PAN");
    PinCipher cipher(device.token, key_for(device, format, key), format);
    const PinCipher::Block given{block, pan};
    CHECK(shown(cipher.open({&given, 1}).at(0)) == test::text(inputs, "PIN"));
  }
}

TEST_CASE("PINs come back out of the blocks that were made of them, many together") {
  hsm_test::TestDevice device;
  const int format = GENERATE(0, 1, 3, 4);
  CAPTURE(format);
  PinCipher cipher(device.token, key_for(device, format, hsm_test::sample(16, 0x42)), format);
  const Secret pins[] = {secret("1234"), secret("123456789012"), secret("00000")};
  const std::string pans[] = {std::string(kPan), "4761739001010119", "5413339000000061650"};
  std::vector<PinCipher::Pin> clear;
  for (std::size_t i = 0; i < 3; ++i) clear.push_back({&pins[i], pans[i]});
  const auto sealed = cipher.seal(clear);
  REQUIRE(sealed.size() == 3);
  std::vector<PinCipher::Block> blocks;
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(sealed[i].size() == kpd::pin_block_size(format));
    blocks.push_back({sealed[i], pans[i]});
  }
  const auto opened = cipher.open(blocks);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(shown(opened.at(i)) == emvcrypto::as_text(pins[i].expose()));
  CHECK((cipher.seal(clear) == sealed) == (format == 0));  // the other formats have a random fill
  CHECK(cipher.open({}).empty());
  CHECK(cipher.seal({}).empty());
}

TEST_CASE("a wrong block among others is a fault of its own") {
  hsm_test::TestDevice device;
  const int format = GENERATE(0, 4);
  CAPTURE(format);
  PinCipher cipher(device.token, key_for(device, format, hsm_test::sample(16, 0x42)), format);
  const Secret pin = secret("4711");
  const PinCipher::Pin clear{&pin, kPan};
  const hsm::Bytes good = cipher.seal({&clear, 1}).at(0);
  hsm::Bytes changed = good;
  changed[0] ^= 0x80;
  const std::string other_pan = "5555555559999999";
  const std::vector<PinCipher::Block> blocks{
      {good, kPan},         {hsm::Bytes(good.begin(), good.begin() + 7), kPan},
      {hsm::Bytes{}, kPan}, {changed, kPan},
      {good, other_pan},    {good, kPan}};
  const auto pins = cipher.open(blocks);
  REQUIRE(pins.size() == 6);
  CHECK(shown(pins[0]) == "4711");
  CHECK(shown(pins[1]) == "pin-format");
  CHECK(shown(pins[2]) == "pin-format");
  CHECK_FALSE(pins[3]);
  CHECK_FALSE(pins[4]);
  CHECK(shown(pins[5]) == "4711");
}

TEST_CASE("however many blocks there are, the device is called as often as the format asks") {
  hsm_test::TestDevice device;
  const auto [format, calls_wanted] = GENERATE(values<std::pair<int, int>>({{0, 1}, {4, 2}}));
  CAPTURE(format);
  PinCipher cipher(device.token, key_for(device, format, hsm_test::sample(16, 0x42)), format);
  const Secret pin = secret("4711");
  const std::vector<PinCipher::Pin> pins(100, {&pin, kPan});
  const auto sealed = cipher.seal(pins);
  std::vector<PinCipher::Block> blocks;
  for (const auto& block : sealed) blocks.push_back({block, kPan});
  int calls = 0;
  device.module->set_tap([&](std::string_view call) -> unsigned long {
    calls += call == "C_Decrypt" || call == "C_DecryptUpdate";
    return 0;
  });
  const auto opened = cipher.open(blocks);
  device.module->set_tap({});
  CHECK(calls == calls_wanted);
  CHECK(std::all_of(opened.begin(), opened.end(), [](const auto& one) { return bool(one); }));
}

TEST_CASE("a format has its kind of key") {
  hsm_test::TestDevice device;
  const hsm::Key des = key_for(device, 0, hsm_test::sample(16));
  const hsm::Key aes = key_for(device, 4, hsm_test::sample(16));
  CHECK_NOTHROW(PinCipher(device.token, des, 3));
  CHECK_NOTHROW(PinCipher(device.token, aes, 4));
  CHECK_THROWS_AS(PinCipher(device.token, des, 4), std::invalid_argument);
  CHECK_THROWS_AS(PinCipher(device.token, aes, 0), std::invalid_argument);
  CHECK_THROWS_AS(PinCipher(device.token, des, 2), std::invalid_argument);
  CHECK_THROWS_AS(PinCipher(device.token, hsm::Key(), 0), std::invalid_argument);
}

// Keys by role and PUT KEY, over a device and against the virtual chip, which is written apart.
#include <catch2/catch.hpp>

#include "emvcrypto/cmac.h"
#include "kpd/exit_code.h"
#include "kpd/keys/personaliser_keys.h"
#include "kpd/script/script_driver.h"
#include "test/unit/chip/managed_card.h"
#include "test/unit/support/chip_card.h"
#include "test/unit/support/test_device.h"

using namespace kpd;
using Catch::Matchers::Contains;
using chiptest::Bytes;
using chiptest::HostKeys;
using cps::LoadOutcome;
using emvcrypto::ByteView;
using hsm::KeyType;

namespace {

const Bytes kKeyData = emvcrypto::from_hex("0A0B0C0D0E0F00000001");

Bytes master_value(std::uint8_t first, std::size_t size = 16) {
  Bytes value(size);
  for (std::size_t i = 0; i < size; ++i) value[i] = static_cast<std::uint8_t>(first + 5 * i);
  return value;
}

/// A chip's keys as its maker derives them, in this process.
HostKeys derived(const Bytes& master, bool aes, const Bytes& key_data = kKeyData) {
  const auto one = [&](std::uint8_t which) {
    if (!aes) {
      Bytes key = emvcrypto::kdc_input_cps(key_data, emvcrypto::CardKey{which});
      emvcrypto::make_des(master)->encrypt(key);
      return key;
    }
    Bytes key;
    for (std::uint8_t i = 1; i <= master.size() / 16; ++i)
      emvcrypto::append(
          key,
          emvcrypto::cmac(*emvcrypto::make_aes(master),
                          emvcrypto::concat({Bytes{i, 0, 0, 0, which, 0}, ByteView(key_data)})));
    return key;
  };
  return {one(1), one(2), one(3)};
}

/// A personaliser's token, a chip delivered with the keys of the role `card`, and a script's run.
struct Bench {
  explicit Bench(bool is_aes, WindowPolicy policy = {}, std::size_t size = 16)
      : aes(is_aes), windows(policy), card_size(size) {
    const hsm::Usage des_usage{.derive = true}, aes_usage{.encrypt = true, .derive = true};
    const auto make = [&](const std::string& label, std::uint8_t first) {
      device.token->create_secret(KeyType::des2, hsm::Secret(master_value(first)), des_usage,
                                  label);
      device.token->create_secret(KeyType::aes, hsm::Secret(master_value(first, size)), aes_usage,
                                  label + "-AES");
    };
    make("KMC", 0x11);
    make("KMC-ISSUER", 0x57);
    device.token->create_secret(KeyType::des2, hsm::Secret(master_value(0x71)), des_usage, "KIC");
    device.token->create_secret(KeyType::des2, hsm::Secret(master_value(0x29)), des_usage, "DATA");
    roles["issuer"] = {"KMC-ISSUER", "KMC-ISSUER-AES"};
    roles["delivery"] = {"KIC", "", KeyDerivation::fixed};
    roles["terminal"] = {"DATA", "", KeyDerivation::cps, CardKeyUse::data};
    auto config = chiptest::managed_config(aes ? kpd::chip::Scp(kpd::chip::Scp03Option::i70)
                                               : kpd::chip::Scp02Option::i15);
    config.key_data = kKeyData;
    config.keys = chiptest::card_keys(derived(master_value(0x11, aes ? size : 16), aes));
    chip = std::make_unique<chiptest::Chip>(std::move(config));
    chip->power_on();
  }

  cps::LoadResult run(const std::string& body) {
    PersonaliserKeys keys(device.token, header, windows, roles);
    ScriptMachine machine({"test.lua", "function personalise()\n" + body + "\nend\n"});
    const ScriptCard card{record, {}, "R-1", "", {}, parameters, log};
    kpd_test::ChipCard on(*chip);
    cps::NullLoadObserver observer;
    return cps::drive(run_script(machine, card, options, keys, observer), on,
                      std::chrono::milliseconds(1000));
  }

  hsm_test::TestDevice device;
  bool aes;
  HostWindows windows;
  std::size_t card_size;
  KeyRoles roles = default_key_roles();
  cps::FileHeader header;
  cps::Record record;
  cps::LoadOptions options{.layout = {}, .profile = {}, .require_mac = false};
  std::map<std::string, std::string> parameters;
  std::function<void(const std::string&)> log;
  std::unique_ptr<chiptest::Chip> chip;
};

const std::string kChange = R"(
  card.select(hex "A000000151000000")
  channel.open{security = 3}
  channel.put_key{version = 1, new_version = 2, keys = "issuer"}
)";

const std::string kOpenAsIssuer = R"(
  card.select(hex "A000000151000000")
  channel.open{security = 3, keys = "issuer", version = 2}
  channel.send{cla = 0x80, ins = 0xF2, p1 = 0x80, data = hex "4F00", name = "GET STATUS", ok = "any"}
)";

}  // namespace

TEST_CASE("a script changes a card's keys from one role to another, and opens it by the new ones") {
  const bool aes = GENERATE(false, true);
  const std::size_t size = GENERATE(16, 32);
  if (!aes && size != 16) return;
  CAPTURE(aes, size);
  Bench bench(aes, {.card_keys = true}, size);
  const cps::LoadResult changed = bench.run(kChange);
  INFO(cps::describe(changed));
  REQUIRE(changed.outcome == LoadOutcome::done);
  const cps::LoadResult opened = bench.run(kOpenAsIssuer);
  INFO(cps::describe(opened));
  REQUIRE(opened.outcome == LoadOutcome::done);
  CHECK(bench.run(R"(card.select(hex "A000000151000000") channel.open{version = 2})").outcome ==
        LoadOutcome::wrong_keys);

  // The chip's own host, with keys that nobody here has made, opens it too.
  chiptest::ChannelHost host(*bench.chip, derived(master_value(0x57, aes ? size : 16), aes));
  REQUIRE(chiptest::select(*bench.chip, chiptest::kManagerAid).status == 0x9000);
  CHECK(host.open(0x01, "80500200") == 0x9000);
}

TEST_CASE("3DES keys for cards pass the host only where the device cannot wrap them") {
  const bool allowed = GENERATE(false, true);
  Bench bench(false, {.card_keys = allowed});
  const bool inside = bench.device.token->works("derive, wrap under 3DES");
  if (!allowed && !inside) {
    CHECK_THROWS_WITH(bench.run(kChange), Contains("card_keys"));
    return;
  }
  REQUIRE(bench.run(kChange).outcome == LoadOutcome::done);
  CHECK(bench.windows.count(Window::card_keys) == (inside ? 0U : 3U));
}

TEST_CASE("AES keys for cards stay in a device that wraps under AES") {
  const std::size_t size = GENERATE(16, 32);
  Bench bench(true, {}, size);
  if (!bench.device.token->works("derive, wrap under AES")) return;
  REQUIRE(bench.run(kChange).outcome == LoadOutcome::done);
  CHECK(bench.windows.count(Window::card_keys) == 0);
}

TEST_CASE("a reset in a script ends the channel and gives the ATR") {
  Bench bench(false);
  const cps::LoadResult result = bench.run(R"(
    if card.atr() ~= "" then fail("the bench tells none at first") end
    card.select(hex "A000000151000000")
    channel.open()
    local atr = card.reset("warm")
    if atr == "" or atr ~= card.atr() then fail("no ATR") end
    card.reset("cold")
    channel.send{cla = 0x80, ins = 0xF2}
  )");
  CHECK(result.outcome == LoadOutcome::script_failed);
  CHECK_THAT(result.detail, Contains("no channel is open"));
  CHECK_THAT(bench.run("card.reset('hot')").detail, Contains("'cold' or 'warm'"));
}

TEST_CASE("keys of one KEYDATA can be another chip's") {
  Bench bench(false, {.card_keys = true});
  REQUIRE(bench
              .run(R"(
    card.select(hex "A000000151000000")
    channel.open()
    channel.put_key{new_version = 7,
                    keys = hsm.card_keys("issuer", {key_data = hex "00010203040506070809"})}
  )")
              .outcome == LoadOutcome::done);
  chiptest::ChannelHost host(
      *bench.chip, derived(master_value(0x57), false, emvcrypto::from_hex("00010203040506070809")));
  REQUIRE(chiptest::select(*bench.chip, chiptest::kManagerAid).status == 0x9000);
  CHECK(host.open(0x01, "80500700") == 0x9000);
}

TEST_CASE("a role whose use does not fit, or that nobody has, is the script's fault") {
  Bench bench(false, {.card_keys = true});
  const auto fault = [&](const std::string& body) {
    const cps::LoadResult result = bench.run("card.select(hex 'A000000151000000')\n" + body);
    CHECK(result.outcome == LoadOutcome::script_failed);
    return result.detail;
  };
  CHECK_THAT(fault("channel.open{keys = 'nobody'}"), Contains("no keys have the role 'nobody'"));
  CHECK_THAT(fault("channel.open{keys = 'terminal'}"), Contains("for data"));
  CHECK_THAT(fault("channel.open() channel.put_key{new_version = 2, keys = 'delivery'}"),
             Contains("do not go to cards"));
  CHECK_THAT(fault("channel.open() channel.put_key{keys = 'issuer'}"), Contains("new_version"));
  CHECK_THAT(fault("channel.put_key{keys = 'issuer', new_version = 2}"), Contains("no channel"));
  CHECK_THAT(fault("log(tohex(hsm.card_keys('issuer')))"), Contains("bytes are wanted"));
}

TEST_CASE("a role for data enciphers and makes MACs by the card's own keys") {
  Bench bench(false);
  bench.device.token->create_secret(KeyType::aes, hsm::Secret(master_value(0x33)),
                                    {.encrypt = true, .derive = true}, "DATA-AES");
  bench.roles["aes"] = {"", "DATA-AES", KeyDerivation::cps, CardKeyUse::data};
  std::vector<std::string> said;
  bench.log = [&](const std::string& text) { said.push_back(text); };
  const cps::LoadResult result = bench.run(R"(
    local function all(role)
      local keys = hsm.card_keys(role, {key_data = hex "0A0B0C0D0E0F00000001"})
      local two = hex "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
      log(tohex(hsm.encipher{keys = keys, which = "enc", mode = "ecb", data = two}))
      log(tohex(hsm.encipher{keys = keys, which = "dek", mode = "cbc", data = two}))
      log(tohex(hsm.mac{keys = keys, which = "mac", data = hex "AABBCC"}))
    end
    all("terminal")
    all("aes")
  )");
  INFO(cps::describe(result));
  REQUIRE(result.outcome == LoadOutcome::done);
  std::vector<std::string> expected;
  Bytes two(32);
  for (std::size_t i = 0; i < two.size(); ++i) two[i] = static_cast<std::uint8_t>(i);
  for (const bool aes : {false, true}) {
    const HostKeys keys = derived(master_value(aes ? 0x33 : 0x29), aes);
    const auto cipher = [&](const Bytes& key) {
      return aes ? emvcrypto::make_aes(key) : emvcrypto::make_des(key);
    };
    Bytes ecb = two, cbc = two;
    cipher(keys.enc)->encrypt(ecb);
    cipher(keys.dek)->encrypt_cbc(cbc);
    const Bytes data = emvcrypto::from_hex("AABBCC");
    const Bytes mac = aes ? emvcrypto::cmac(*cipher(keys.mac), data)
                          : emvcrypto::retail_mac(emvcrypto::make_retail_mac_key(keys.mac),
                                                  emvcrypto::pad_80(data, 8));
    for (const Bytes* value : std::initializer_list<const Bytes*>{&ecb, &cbc, &mac})
      expected.push_back(emvcrypto::to_hex(*value));
  }
  CHECK(said == expected);
}

TEST_CASE("keys of channels encipher nothing for a script: that is how session keys are made") {
  Bench bench(false);
  const auto fault = [&](const std::string& body) {
    const cps::LoadResult result = bench.run(body);
    CHECK(result.outcome == LoadOutcome::script_failed);
    return result.detail;
  };
  const std::string data = ", which = 'enc', mode = 'ecb', data = hex '0182000100000000'}";
  CHECK_THAT(fault("hsm.encipher{keys = 'card'" + data), Contains("for channels, not for data"));
  CHECK_THAT(fault("hsm.encipher{keys = 'delivery'" + data), Contains("for channels"));
  CHECK_THAT(fault("hsm.encipher{keys = 'terminal'" + data), Contains("KEYDATA is not known"));
  CHECK_THAT(fault("hsm.mac{keys = 'card', which = 'mac', data = 'x'}"), Contains("for channels"));
  CHECK_THAT(fault("hsm.mac{keys = 'terminal', which = 'all', data = 'x'}"), Contains("'which'"));
}

TEST_CASE("all chips of a delivery may have one key") {
  Bench bench(false);
  auto config = chiptest::managed_config();
  config.keys = chiptest::card_keys({master_value(0x71), master_value(0x71), master_value(0x71)});
  bench.chip = std::make_unique<chiptest::Chip>(std::move(config));
  bench.chip->power_on();
  CHECK(bench.run("card.select(hex 'A000000151000000') channel.open{keys = 'delivery'}").outcome ==
        LoadOutcome::done);
}

TEST_CASE("a role without its key holds the run before any card") {
  Bench bench(false);
  bench.roles["lost"] = {"NO-SUCH-KEY", "NOR-THIS"};
  CHECK_THROWS_WITH(bench.run(kChange), Contains("'lost'") && Contains("NO-SUCH-KEY or NOR-THIS"));
}

TEST_CASE("a key of channels cannot be one for data too") {
  Bench bench(false);
  bench.roles["disguised"] = {"KMC", "", KeyDerivation::fixed, CardKeyUse::data};
  CHECK_THROWS_WITH(bench.run(kChange), Contains("'KMC'") && Contains("one use"));
}

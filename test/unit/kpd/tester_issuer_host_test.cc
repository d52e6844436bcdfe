// The issuer's host over a token: the same answers as over clear keys, and no key out of the
// device.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "emvcrypto/derivation.h"
#include "kpd/keys/hsm_cipher.h"
#include "kpd/keys/retail_key.h"
#include "kpd/tester/hsm_issuer_host.h"
#include "test/unit/kpd/tester_card_recipe.h"

using namespace tester_test;
using kpd::tester::Outcome;
using kpd::tester::Verdict;

namespace {

const Bytes kImk = emvcrypto::from_hex("9E15204313F7318ACB79B90BD986AD29");

class FixedPin : public hsm::PinSource {
 public:
  emvcrypto::Secret pin(const std::string&) override {
    return emvcrypto::Secret(emvcrypto::as_bytes("1234-user"));
  }
};

/// A SoftHSM of this test's own with one master key.
class HostToken {
 public:
  HostToken() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kpd-host-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for the token");
    folder_ = pattern;
    std::filesystem::create_directories(folder_ / "tokens");
    std::ofstream(folder_ / "softhsm2.conf")
        << "directories.tokendir = " << (folder_ / "tokens").string()
        << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1);
    auto module = hsm::Module::load("/usr/lib/softhsm/libsofthsm2.so");
    FixedPin pin;
    module->init_token("issuer-host", emvcrypto::Secret(emvcrypto::as_bytes("1234-so")),
                       pin.pin(""));
    token = hsm::Token::open(module, "issuer-host", pin);
    hsm::Usage usage;
    usage.derive = true;
    master = token->create_secret(hsm::KeyType::des2, emvcrypto::Secret(kImk), usage);
  }
  ~HostToken() {
    master = {};
    token.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  HostToken(const HostToken&) = delete;
  HostToken& operator=(const HostToken&) = delete;

  std::shared_ptr<hsm::Token> token;
  hsm::Key master;

 private:
  std::filesystem::path folder_;
};

/// The UDK of the test card under that master key.
Bytes card_udk(emvcrypto::UdkOption option) {
  const auto imk = emvcrypto::make_des(kImk);
  const auto udk = emvcrypto::derive_udk(*imk, option, kPan, "01");
  const auto clear = udk.expose();
  return {clear.begin(), clear.end()};
}

}  // namespace

TEST_CASE("A retail MAC key of the device gives the MACs of the clear key") {
  HostToken host;
  const Bytes input = emvcrypto::udk_input(emvcrypto::UdkOption::a, kPan, "01");
  const auto in_device = kpd::derived_retail_key(host.token, host.master, input);
  const auto clear = emvcrypto::make_retail_mac_key(card_udk(emvcrypto::UdkOption::a));
  for (const std::size_t size : {0, 1, 7, 8, 29, 64}) {
    const Bytes message = emvcrypto::pad_80(Bytes(size, 0xA7), 8);
    CHECK(emvcrypto::retail_mac(in_device, message) == emvcrypto::retail_mac(clear, message));
  }
  CHECK_THROWS_AS(kpd::derived_retail_key(host.token, host.master, Bytes(8)),
                  std::invalid_argument);
}

TEST_CASE("A cipher of the device takes whole blocks only and a key that is one") {
  HostToken host;
  CHECK_THROWS_AS(kpd::HsmCipher(host.token, hsm::Key()), std::invalid_argument);
  kpd::HsmCipher cipher(host.token, host.master);
  Bytes part(7);
  CHECK(cipher.block_size() == 8);
  CHECK_THROWS_AS(cipher.encrypt(part), std::invalid_argument);
  CHECK_THROWS_AS(cipher.decrypt(part), std::invalid_argument);
  CHECK_THROWS_AS(cipher.encrypt_cbc(part), std::invalid_argument);
}

TEST_CASE("The host judges and answers cards of every cryptogram version from its token") {
  HostToken token;
  Recipe recipe;
  SECTION("the UDK itself") {
    recipe.version = "visa-cvn10";
    recipe.iad = emvcrypto::from_hex("06010A03A0B800");
  }
  SECTION("the common session key, ARPC method 2") {
    recipe.version = "visa-cvn18";
  }
  SECTION("a session key from the unpredictable number") {
    recipe.version = "mchip-16";
    recipe.iad = emvcrypto::from_hex("0110A00003220000DAC00000000000000000");
  }
  SECTION("the common session key, ARPC method 1") {
    recipe.version = "mchip-20";
    recipe.iad = emvcrypto::from_hex("0114A00003220000DAC00000000000000000");
  }
  FakeCard card = make_card(recipe);
  card.applications.front().udk = card_udk(emvcrypto::UdkOption::a);
  kpd::tester::HsmIssuerHost host(token.token, [&token](ByteView aid) {
    return emvcrypto::to_hex(aid) == emvcrypto::to_hex(kAid) ? std::optional(token.master)
                                                             : std::nullopt;
  });
  ClearIssuerHost unused;
  auto request = make_request(unused, recipe.version);
  request.ports.issuer_host = &host;
  const auto right = test(card, request);
  CHECK(right.verdict() == Verdict::pass);
  CHECK(right.applications.front().arqc == Outcome::passed);
  CHECK(right.applications.front().arpc == Outcome::passed);
  CHECK(right.applications.front().tc == Outcome::passed);

  card.applications.front().udk[0] ^= 0x10;
  const auto wrong = test(card, request);
  CHECK(wrong.has("ac.arqc"));
  CHECK(wrong.applications.front().arqc == Outcome::failed);
}

TEST_CASE("What the host cannot judge is a warning, not a verdict on the card") {
  HostToken token;
  FakeCard card = make_card();
  ClearIssuerHost unused;
  auto request = make_request(unused);
  SECTION("no master key for the application") {
    kpd::tester::HsmIssuerHost host(token.token, [](ByteView) { return std::nullopt; });
    request.ports.issuer_host = &host;
    const auto report = test(card, request);
    CHECK(report.has("ac.host"));
    CHECK(report.verdict() == Verdict::pass);
    CHECK(report.applications.front().arqc == Outcome::not_run);
  }
  SECTION("an option that is not for DES keys") {
    kpd::tester::HsmIssuerHost host(token.token,
                                    [&token](ByteView) { return std::optional(token.master); });
    request.ports.issuer_host = &host;
    request.applications.front().udk_option = emvcrypto::UdkOption::c;
    CHECK(test(card, request).has("ac.host"));
  }
}

// What custodians type, and what is refused of it.
#include <catch2/catch.hpp>
#include <deque>

#include "emvcrypto/des_key_check.h"
#include "kpd/exit_code.h"
#include "kpd/keyring/ceremony.h"
#include "test/unit/support/test_device.h"

using kpd::CeremonyKey;
using kpd::KeyAlgorithm;

namespace {

/// Answers from a script, and remembers what was said.
class ScriptedDesk : public kpd::CeremonyDesk {
 public:
  explicit ScriptedDesk(std::deque<std::string> answers) : answers_(std::move(answers)) {}
  hsm::Secret hidden(const std::string& prompt) override {
    return hsm::Secret(emvcrypto::as_bytes(ask(prompt)));
  }
  std::string ask(const std::string& prompt) override {
    said += prompt + "\n";
    if (answers_.empty()) throw std::logic_error("nothing more was expected to be asked");
    std::string answer = answers_.front();
    answers_.pop_front();
    return answer;
  }
  void say(const std::string& line) override { said += line + "\n"; }
  void show(const hsm::Secret& text) override {
    shown.emplace_back(emvcrypto::as_text(text.expose()));
  }
  void clear() override { said += "<clear>\n"; }

  std::string said;
  std::vector<std::string> shown;

 private:
  std::deque<std::string> answers_;
};

constexpr const char* kOne = "0123456789ABCDEF FEDCBA9876543210";
constexpr const char* kTwo = "1111111111111111 2222222222222222";

CeremonyKey key_of(std::size_t components, KeyAlgorithm algorithm = KeyAlgorithm::des2) {
  return {"KEK1", kpd::find_role("KEK1"), algorithm, components, false};
}

std::string refused(std::deque<std::string> answers, const CeremonyKey& key,
                    const std::string& kcv = "") {
  ScriptedDesk desk(std::move(answers));
  try {
    kpd::enter_components(desk, key, kcv);
  } catch (const kpd::Failure& failure) {
    CHECK(failure.code() == kpd::ExitCode::hold);
    return failure.what();
  }
  return "";
}

hsm::Secret xor_of(const std::vector<std::string>& texts, KeyAlgorithm algorithm) {
  std::vector<hsm::Secret> parts;
  for (const std::string& text : texts)
    parts.push_back(*kpd::parse_component(hsm::Secret(emvcrypto::as_bytes(text)), algorithm));
  return kpd::combine(parts, algorithm);
}

}  // namespace

TEST_CASE("a key is the XOR of its components, with odd parity") {
  ScriptedDesk desk({"Ann", kOne, "08D7B4", "Ben", kTwo, "", ""});
  const auto result = kpd::enter_components(desk, key_of(2), "");
  const auto value = xor_of({kOne, kTwo}, KeyAlgorithm::des2);
  CHECK(result.key.equals(value));
  CHECK(emvcrypto::has_odd_parity(result.key.expose()));
  // 0123.. xor 1111.. is 1032..; parity changes the lowest bits alone.
  for (std::size_t i = 0; i < 16; ++i) {
    const auto expected = emvcrypto::from_hex("1032547698BADCFEDCFE98BA54761032")[i];
    CHECK((result.key.expose()[i] & 0xFE) == (expected & 0xFE));
  }
  REQUIRE(result.notes.size() == 2);
  CHECK(result.notes[0].custodian == "Ann");
  CHECK(result.notes[0].kcv == "08D7B4");
  CHECK(desk.said.find("Component 1 of 2 — custodian: ") != std::string::npos);
  CHECK(desk.said.find("KCV of this component: 08D7B4") != std::string::npos);
  CHECK(desk.said.find("0123456789") == std::string::npos);
  CHECK(desk.said.find("Component 1") > desk.said.find("<clear>"));
}

TEST_CASE("a component is refused that is none, zero, came before or has another KCV") {
  const std::string zeros(32, '0');
  CHECK(refused({"Ann", "xy", "xy", "xy"}, key_of(2)).find("digits") != std::string::npos);
  CHECK(refused({"Ann", "0123", "0123", "0123"}, key_of(2)).find("32") != std::string::npos);
  CHECK(refused({"Ann", std::string(48, 'A'), zeros + "00", ""}, key_of(2)).find("0 digits") !=
        std::string::npos);
  CHECK(refused({"Ann", zeros, zeros, zeros}, key_of(2)).find("zeros") != std::string::npos);
  CHECK(refused({"Ann", kOne, "", "Ben", kOne, kOne, kOne}, key_of(2)).find("typed before") !=
        std::string::npos);
  CHECK(refused({"Ann", kOne, "111111", kOne, "08D7", "Ben", kTwo, "12", kTwo, "zz", kTwo, "22"},
                key_of(2))
            .find("envelope") != std::string::npos);
  CHECK(refused({"", "", ""}, key_of(2)).find("no custodian") != std::string::npos);
  CHECK(refused({"Ann", kOne, "", "Ann", "Ann", "Ann"}, key_of(2)).find("no custodian") !=
        std::string::npos);
}

TEST_CASE("parity bits make no component, and blanks and capitals no second custodian") {
  std::string parity, one_changed;
  for (int i = 0; i < 16; ++i) parity += "01";
  one_changed = "0022446688AACCEEFFDDBB9977553311";  // the first component but for parity
  CHECK(refused({"Ann", parity, parity, parity}, key_of(2)).find("zeros") != std::string::npos);
  CHECK(refused({"Ann", kOne, "", "Ben", one_changed, one_changed, one_changed}, key_of(3))
            .find("typed before") != std::string::npos);
  CHECK(refused({"Ann", kOne, "", "ann ", " ANN", "aNN\t"}, key_of(2)).find("no custodian") !=
        std::string::npos);
  const auto aes = key_of(2, KeyAlgorithm::aes128);
  CHECK(refused({"Ann", parity, "", "Ben", kOne, "", ""}, aes).empty());
}

TEST_CASE("a mistyped component can be typed again") {
  ScriptedDesk desk({"Ann", "01", kOne, "", "Ben", kTwo, "", ""});
  CHECK(kpd::enter_components(desk, key_of(2), "").key.size() == 16);
  CHECK(desk.said.find("Refused: 2 digits came") != std::string::npos);
}

TEST_CASE("a key that is weak, or has another KCV, is refused whole") {
  // Both halves of the XOR are equal; then it is a weak key; then three that are zero together.
  CHECK(refused({"Ann", "0123456789ABCDEF0123456789ABCDEF", "", "Ben",
                 "11111111111111111111111111111111", ""},
                key_of(2))
            .find("refused") != std::string::npos);
  CHECK(refused({"Ann", kOne, "", "Ben", kTwo, "", "123456"}, key_of(2)).find("another KCV") !=
        std::string::npos);
  CHECK(refused({"Ann", kOne, "", "Ben", kTwo, ""}, key_of(2), "123456").find("another KCV") !=
        std::string::npos);
  auto test_key = key_of(2);
  test_key.weak_allowed = true;
  CHECK(refused({"Ann", "0123456789ABCDEF0123456789ABCDEF", "", "Ben",
                 "11111111111111111111111111111111", "", ""},
                test_key)
            .empty());
}

TEST_CASE("AES keys come in components too, with every check value") {
  const std::string one = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
  const std::string two = std::string(62, '0') + "01";
  const auto key = key_of(2, KeyAlgorithm::aes256);
  const auto value = xor_of({one, two}, KeyAlgorithm::aes256);
  const auto kcvs = kpd::check_values(KeyAlgorithm::aes256, value);
  CHECK(kcvs.zeros.size() == 3);
  CHECK(kcvs.cmac.size() == 5);
  for (const auto& kcv : {kcvs.zeros, kcvs.ones, kcvs.cmac})
    CHECK(refused({"Ann", one, "", "Ben", two, ""}, key, emvcrypto::to_hex(kcv)).empty());
}

TEST_CASE("components made for envelopes give the key again") {
  hsm_test::TestDevice device;
  for (const KeyAlgorithm algorithm : {KeyAlgorithm::des2, KeyAlgorithm::des3, KeyAlgorithm::aes128,
                                       KeyAlgorithm::aes192, KeyAlgorithm::aes256}) {
    const auto key = key_of(3, algorithm);
    std::deque<std::string> answers;
    const auto made =
        kpd::make_components(*device.token, key,
                             [&](std::size_t number, const hsm::Secret& text,
                                 const std::string& kcv, const std::string&) {
                               answers.push_back("custodian " + std::to_string(number));
                               answers.emplace_back(emvcrypto::as_text(text.expose()));
                               answers.push_back(kcv.substr(0, 6));
                             });
    answers.push_back("");
    ScriptedDesk desk(answers);
    CHECK(kpd::enter_components(desk, key, "").key.equals(made.key));
  }
}

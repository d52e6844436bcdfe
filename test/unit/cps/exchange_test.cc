#include "cps/exchange.h"

#include <catch2/catch.hpp>

#include "test/unit/cps/scripted_card.h"

using namespace cps;
using namespace std::chrono_literals;
using cps::test::ScriptedCard;
using emvcrypto::from_hex;
using emvcrypto::to_hex;

namespace {

struct Result {
  Response response;
  std::size_t apdus = 0;
};

Result run(const std::string& command, std::vector<ScriptedCard::Line> script) {
  ScriptedCard card(std::move(script));
  Result result;
  result.response = drive(exchange_raw(from_hex(command), &result.apdus), card, 1s);
  CHECK(card.finished());
  CHECK(result.apdus == card.commands());
  return result;
}

}  // namespace

TEST_CASE("an ordinary response comes through as it is") {
  CHECK(to_hex(run("00A4040000", {{"00A4040000", "6F009000"}}).response.bytes) == "6F009000");
  CHECK(to_hex(run("00A40400", {{"00A40400", "6A82"}}).response.bytes) == "6A82");
}

TEST_CASE("a command in parts is sent in parts") {
  ScriptedCard card(std::vector<ScriptedCard::Line>{{"00A4040005010203040500", "9000"}});
  CHECK(drive(exchange({0x00, 0xA4, 0x04, 0x00, from_hex("0102030405"), 256}), card, 1s).status() ==
        0x9000);
}

TEST_CASE("announced data is fetched and joined") {
  const Result result =
      run("80500000021122",
          {{"80500000021122", "6102"}, {"00C0000002", "AABB6101"}, {"00C0000001", "CC9000"}});
  CHECK(to_hex(result.response.bytes) == "AABBCC9000");
}

TEST_CASE("a wrong Le is corrected, in every form of command") {
  CHECK(run("00B2010C00", {{"00B2010C00", "6C03"}, {"00B2010C03", "0102039000"}})
            .response.data()
            .size() == 3);
  run("80CA9F17", {{"80CA9F17", "6C04"},
                   {"80CA9F1704",
                    "9F170103"
                    "9000"}});
  run("80A8000002830000", {{"80A8000002830000", "6C0A"}, {"80A800000283000A", "9000"}});
  run("80E28000021122", {{"80E28000021122", "6C01"}, {"80E2800002112201", "9000"}});
}

TEST_CASE("a card that corrects Le without end is answered once") {
  CHECK(run("00B2010C00", {{"", "6C03"}, {"", "6C03"}}).response.status() == 0x6C03);
}

TEST_CASE("a card that announces data without end or without giving any is left") {
  std::vector<ScriptedCard::Line> script{{"", "6100"}};
  CHECK(run("00A4040000", {{"", "6100"}, {"", "6100"}}).response.status() == 0x6100);
  const std::string full(512, 'A');
  for (int i = 0; i < 257; ++i) script.push_back({"", full + "6100"});
  CHECK(run("00A4040000", script).response.status() == 0x6100);
}

TEST_CASE("a card lost between the parts of a response is lost") {
  const Result result = run("00A4040000", {{"", "6102"}, {"", "lost"}});
  CHECK(result.response.kind == Response::Kind::lost);
}

#include <catch2/catch.hpp>

#include "calc_test_values.h"

using namespace kpd::calc;
using emvcrypto::from_hex;

namespace {

const Secret kKey(from_hex("0123456789ABCDEFFEDCBA9876543210"));

}  // namespace

TEST_CASE("calc: keys and PINs are shown only where they may be") {
  for (const bool shown : {false, true}) {
    Result result({shown, false});
    result.key("udk", kKey, KeyType::des);
    result.check_value("imk", kKey, KeyType::des);
    result.secret("pin", Secret(emvcrypto::as_bytes("1234")), false);
    const std::string text = render_text(result.root());
    CHECK((text.find("0123456789ABCDEFFEDCBA9876543210") != std::string::npos) == shown);
    CHECK((text.find("1234\n") != std::string::npos) == shown);
    CHECK(text.find("imk:\n  kcv  08D7B4\n") != std::string::npos);
  }
}

TEST_CASE("calc: check values by kind of key") {
  const Secret aes(from_hex("404142434445464748494A4B4C4D4E4F"));
  CHECK(emvcrypto::to_hex(key_check_value(aes, KeyType::des)) == "8BAF47");
  CHECK(emvcrypto::to_hex(key_check_value(aes, KeyType::aes_card)) == "504A77");
  CHECK(key_check_value(aes, KeyType::aes).size() == 5);
}

TEST_CASE("calc: PANs are masked wherever they stand, unless they may be shown") {
  for (const bool shown : {false, true}) {
    Result result({false, shown});
    result.learn_pan("4761739001010010");
    result.pan("pan", "4761739001010010");
    result.hex("record", from_hex("70125A084761739001010010"));
    Result inside = result.group("inside");
    inside.hex("pan_field", from_hex("4761739001010010FFFF"));
    inside.free_text("note", "card 4761739001010010");
    const std::string text = render_text(result.root());
    CHECK((text.find("4761739001010010") != std::string::npos) == shown);
    CHECK((text.find("476173******0010") == std::string::npos) == shown);
  }
}

TEST_CASE("calc: results as text are lines in columns, trees indented") {
  Result result({});
  result.text("a", "one");
  result.number("longer", 7);
  result.truth("holds", true);
  Result list = result.list("rows");
  list.group("").text("b", "two");
  result.list("nothing");
  CHECK(render_text(result.root()) ==
        "a       one\nlonger  7\nholds   yes\nrows:\n  1:\n    b  two\nnothing: none\n");
}

TEST_CASE("calc: results as JSON keep their order and say what is wrong") {
  Result result({});
  result.number("z", 1);
  result.truth("a", false);
  CHECK(render_json("f", {result.root(), std::nullopt}) ==
        R"({"function":"f","result":{"z":1,"a":false}})");
  CHECK(render_json("f", {{}, emvcrypto::Fault{"usage", "no"}}) ==
        R"({"function":"f","fault":{"code":"usage","reason":"no"}})");
}

TEST_CASE("calc: what comes from outside cannot steer a terminal") {
  Result result({});
  result.free_text("name", "A\x1B[2J");
  CHECK(render_text(result.root()).find('\x1B') == std::string::npos);
}

#include <catch2/catch.hpp>

#include "kpd/inspect/mask.h"
#include "test/unit/kpd/inspect_sample.h"

using namespace kpd::inspect;
using namespace inspect_test;

TEST_CASE("inspect: card numbers in free text are masked, also in groups") {
  const Mask mask;
  const auto [text, shown] = GENERATE(table<std::string, std::string>(
      {{"9999990000000014", "999999******0014"},
       {"9999 9900 0000 0014", "9999 99** **** 0014"},
       {"9999-9900-0000-0014", "9999-99**-****-0014"},
       {"card 9999990000000014, thanks", "card 999999******0014, thanks"},
       {"9999990000000014 2909", "999999******0014 2909"},
       {"12 9999 9900 0000 0014 29", "12 9999 99** **** 0014 29"},
       {"0000009999990000000014", "000000999999******0014"},
       {"1234567890123456789012345", "123456***************2345"},
       {"C310965605", "C310965605"},
       {"9999990000000015", "9999990000000015"},
       {"000000000000", "000000000000"},
       {"06/31", "06/31"},
       {"", ""}}));
  CHECK(mask.text(text) == shown);
}

TEST_CASE("inspect: a known PAN is masked wherever it stands") {
  Mask mask;
  mask.learn(tlv(0x70, tlv(0x5A, "9999990000000015")));  // no right check digit
  CHECK(mask.text("x9999990000000015y") == "x999999******0015y");
  CHECK(mask.text("79999 9900 0000 00158") == "79999 99** **** 00158");
  CHECK(mask.hex(from_hex("AA9999990000000015AA"), false) == "AA999999******0015AA");
  mask.forget();
  CHECK(mask.text("9999990000000015") == "9999990000000015");
}

TEST_CASE("inspect: a known name is masked wherever it stands") {
  Mask mask;
  mask.learn(tlv(0x5F20, bytes_of("PETROVA/OLGA  ")));
  CHECK(mask.text("for Petrova/Olga") == "for P******/O***");
  CHECK(mask.text("PETROVA/IRINA") == "PETROVA/IRINA");
}

TEST_CASE("inspect: track data is masked but for what a clerk may see") {
  const Mask mask;
  CHECK(mask.track("%B9999990000000014^PETROVA/OLGA^4912201000123?") ==
        "%B999999******0014^P******/O***^4912201******?");
  CHECK(mask.track(";9999990000000014=4912201000123?") == ";999999******0014=4912201******?");
  CHECK(mask.track("9999990000000014=4912201000123") == "999999******0014=4912201******");
  CHECK(mask.track("%B9999990000000014^broken") == "%B999999******0014^broken");
}

TEST_CASE("inspect: what may be a card verification value is masked in machine modules") {
  const Mask mask;
  CHECK(mask.module("0014 123") == "0014 ***");
  CHECK(mask.module("CVV2:123") == "CVV2:***");
  CHECK(mask.module("L123 2909 12") == "L123 2909 12");
}

TEST_CASE("inspect: an open mask hides nothing") {
  const Mask open(true);
  CHECK(open.text("9999990000000014") == "9999990000000014");
  CHECK(open.module("0014 123") == "0014 123");
  CHECK(open.hex(from_hex("9999990000000014"), true) == "9999990000000014");
}

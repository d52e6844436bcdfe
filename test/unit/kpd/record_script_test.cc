#include "kpd/script/record_script.h"

#include <catch2/catch.hpp>

using kpd::parse_record_script;

TEST_CASE("a record's script is commands, statuses and comments") {
  const auto commands = parse_record_script(
      "# loads the purse\r\n"
      "00 A4 04 00 05 F000000099\r\n"
      "\n"
      "80E20000 -> 9000 6283  # or closed\n"
      "80CA9F7F00");
  REQUIRE(commands);
  REQUIRE(commands->size() == 3);
  CHECK(emvcrypto::to_hex((*commands)[0].bytes) == "00A4040005F000000099");
  CHECK((*commands)[0].ok == std::vector<std::uint16_t>{0x9000});
  CHECK((*commands)[1].line == 4);
  CHECK((*commands)[1].ok == std::vector<std::uint16_t>{0x9000, 0x6283});
  CHECK(parse_record_script("")->empty());
}

TEST_CASE("a malformed line of a record's script is told by its number, not by its content") {
  const auto fault = [](std::string_view text) {
    const auto commands = parse_record_script(text);
    return commands ? std::string("none") : commands.error().reason;
  };
  CHECK(fault("00A40400\n00A4040") ==
        "line 2: a command is written in pairs of hexadecimal digits");
  CHECK(fault("00A404") == "line 1: a command has 4 to 261 bytes");
  CHECK(fault(std::string(524, '0')) == "line 1: a command has 4 to 261 bytes");
  for (const char* text : {"00A40400 ->", "00A40400 -> 90", "00A40400 -> OK", "00A40400 -> 9000,"})
    CHECK(fault(text) == "line 1: behind -> stand status words of four digits");
}

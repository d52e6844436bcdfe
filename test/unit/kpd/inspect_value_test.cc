#include <catch2/catch.hpp>
#include <sstream>

#include "kpd/exit_code.h"
#include "kpd/inspect/decode_tlv.h"

using namespace kpd::inspect;
using emvcrypto::from_hex;

namespace {

Node decoded(emvcrypto::Tag tag, const std::string& hex) {
  return decode_value(tag, from_hex(hex), Mask());
}

std::vector<std::string> lines(const std::vector<Node>& nodes) {
  std::vector<std::string> lines;
  for (const Node& node : nodes) {
    std::string line = node.id;
    for (const std::string* part : {&node.label, &node.value, &node.note})
      if (!part->empty()) line += "|" + *part;
    lines.push_back(line);
  }
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("inspect: values are shown as their format says") {
  CHECK(decoded(0x5F24, "310630").value == "2031-06-30");
  CHECK(decoded(0x5F28, "0826").value == "826");
  CHECK(decoded(0x9F42, "0978").value == "978");
  CHECK(decoded(0x5F30, "0201").value == "201");
  CHECK(decoded(0x9F02, "000000012345").value == "12345");
  CHECK(decoded(0x9F02, "000000000000").value == "0");
  CHECK(decoded(0x5F34, "01").value == "01");
  CHECK(decoded(0x9F36, "0102").value == "258");
  CHECK(decoded(0x9F32, "010001").value == "65537");
  CHECK(decoded(0x9F10, "06011203000000").value == "06011203000000");
  const Node label = decoded(0x50, "54455354");
  CHECK(label.value == "TEST");
  CHECK(label.quoted);
  CHECK(label.bytes == "54455354");
  CHECK(decoded(0x84, "315041592E5359532E4444463031").note == "1PAY.SYS.DDF01");
}

TEST_CASE("inspect: the bits of an AIP and of an AUC are named") {
  CHECK(lines(decoded(0x82, "3D01").children) ==
        Lines{"1.6|DDA supported", "1.5|cardholder verification supported",
              "1.4|terminal risk management to be performed", "1.3|issuer authentication supported",
              "1.1|CDA supported", "2.1|relay resistance protocol supported (contactless)"});
  CHECK(lines(decoded(0x9F07, "0240").children) ==
        Lines{"1.2|at ATMs", "2.7|international cashback"});
}

TEST_CASE("inspect: a bit without a meaning is not lost") {
  CHECK(lines(decoded(0x82, "0002").children) == Lines{"2.2|reserved"});
  CHECK(lines(decoded(0x9F0D, "0004000000").children) == Lines{"2.3|reserved"});
}

TEST_CASE("inspect: issuer action codes name the bits of the TVR") {
  CHECK(lines(decoded(0x9F0E, "0010880000").children) ==
        Lines{"2.5|service not allowed for this card", "3.8|cardholder verification not successful",
              "3.4|PIN wanted, PIN pad present, PIN not entered"});
  for (const emvcrypto::Tag tag : {0x95u, 0x9F0Du, 0x9F0Fu})
    CHECK(decoded(tag, "FFFFFFFFFF").children.size() == 40);
}

TEST_CASE("inspect: a CVM list is shown rule by rule") {
  CHECK(
      lines(decoded(0x8E,
                    "00000064000003E8"
                    "440302061E001F000009")
                .children) ==
      Lines{
          "X|amount X|100", "Y|amount Y|1000",
          "4403|enciphered PIN, checked by the card|if the terminal supports it|else the next rule",
          "0206|enciphered PIN, checked online|in the application's currency under X|else it "
          "failed",
          "1E00|signature|always|else it failed", "1F00|none required|always",
          "0009|fail|in the application's currency over Y"});
  CHECK(lines(decoded(0x8E,
                      "0000000000000000"
                      "2080")
                  .children) == Lines{"2080|reserved|reserved|else it failed"});
}

TEST_CASE("inspect: an AFL is shown entry by entry") {
  CHECK(lines(decoded(0x94,
                      "08010100"
                      "10010501"
                      "18010202")
                  .children) == Lines{"SFI 1|record 1|not signed",
                                      "SFI 2|records 1 to 5|the first 1 of 5 signed",
                                      "SFI 3|records 1 to 2|signed"});
}

TEST_CASE("inspect: lists of tags are shown with names") {
  CHECK(lines(decoded(0x9F38, "9F1A029C01").children) ==
        Lines{"9F1A|Terminal Country Code|2 bytes", "9C|Transaction Type|1 byte"});
  CHECK(lines(decoded(0x9F4A, "825F24").children) ==
        Lines{"82|Application Interchange Profile (AIP)", "5F24|Application Expiration Date"});
}

TEST_CASE("inspect: a value that is not what it should be is shown as it is, with a warning") {
  const auto [tag, hex] = GENERATE(
      table<emvcrypto::Tag, std::string>({{0x5F24, "311399"},        // no such day
                                          {0x5F28, "8A26"},          // no digits
                                          {0x5F28, "1826"},          // no filler
                                          {0x9F02, "00000000000A"},  // no digits
                                          {0x94, "08020100"},        // last record before the first
                                          {0x94, "080101"},          // cut
                                          {0x8E, "000000000000000044031F"},  // half a rule
                                          {0x8C, "9F1A"},                    // no length
                                          {0x9F4A, "9F"},                    // half a tag
                                          {0x50, "541B5B"}}));               // control characters
  const Node node = decoded(tag, hex);
  CHECK(node.value == hex);
  CHECK(node.children.empty());
  CHECK(node.mood == Node::Mood::warning);
}

TEST_CASE("inspect: a wrong length is said") {
  const Node node = decoded(0x82, "3C0000");
  CHECK(node.note == "3 bytes, should be 2");
  CHECK(node.mood == Node::Mood::warning);
  CHECK(decoded(0x9F46, "").note == "0 bytes, should be 1 to 248");
}

TEST_CASE("inspect: cardholder data is masked and comes without bytes") {
  const auto [tag, hex, value] = GENERATE(table<emvcrypto::Tag, std::string, std::string>(
      {{0x5A, "9999990000000014", "999999******0014"},
       {0x5A, "9999990000000000014F", "999999*********0014"},
       {0x5A, "12345F", "*****"},
       {0x57, "9999990000000014D49122010000001230", "999999******0014=4912201**********"},
       {0x57, "9999990000000014D4", "******************"},
       {0x5F20, "504554524F56412F4F4C4741", "P******/O***"},
       {0x9F1F, "303030313233", "******"},
       {0x9F20, "000123FF", "******"},
       {0x5F53, "474238324242414E4B31323334", "GB82*****1234"},
       {0x99, "041234FFFFFFFFFF", "8 bytes, not shown"},
       {0x9F61, "0123", "2 bytes, not shown"}}));
  const Node node = decoded(tag, hex);
  CHECK(node.value == value);
  CHECK(node.masked);
  CHECK(node.bytes.empty());
}

TEST_CASE("inspect: test data can be shown open") {
  const Mask open(true);
  CHECK(decode_value(0x5A, from_hex("9999990000000014"), open).value == "9999990000000014");
  CHECK(decode_value(0x5F20, from_hex("412F42"), open).value == "A/B");
  CHECK(decode_value(0x57, from_hex("9999990000000014D491220100000F"), open).value ==
        "9999990000000014=491220100000");
}

TEST_CASE("inspect: BER-TLV in hexadecimal is shown as a tree") {
  std::ostringstream out;
  inspect_tlv(
      "70 0E 82 02 3C 00 5A:08:9999990000000014"
      " DF01023132",
      *make_text_writer(out, {}));
  CHECK(out.str() ==
        "21 bytes of BER-TLV\n"
        "  70    READ RECORD Response Message Template\n"
        "    82  Application Interchange Profile (AIP)     3C00\n"
        "      1.6  DDA supported\n"
        "      1.5  cardholder verification supported\n"
        "      1.4  terminal risk management to be performed\n"
        "      1.3  issuer authentication supported\n"
        "    5A  Application Primary Account Number (PAN)  999999******0014\n"
        "  DF01  unknown  3132\n");
}

TEST_CASE("inspect: the PAN is masked also where nobody would look for it") {
  std::ostringstream out;
  inspect_tlv(
      "5A089999990000000014"
      "9F10089999990000000014"
      "DF0110"
      "39393939393930303030303030303134",
      *make_json_writer(out));
  CHECK(out.str().find("9999990000000014") == std::string::npos);
  CHECK(out.str().find("39393939393930303030303030303134") == std::string::npos);
}

TEST_CASE("inspect: what is no BER-TLV is refused with the place") {
  std::ostringstream out;
  const auto writer = make_text_writer(out, {});
  CHECK_THROWS_WITH(inspect_tlv("82023C009F", *writer), "this is not BER-TLV from byte 4 on");
  CHECK_THROWS_WITH(inspect_tlv("82023C007003820200", *writer),
                    "this is not BER-TLV from byte 4 on");
  CHECK_THROWS_WITH(inspect_tlv("82023", *writer), "--tlv wants hexadecimal digits, two a byte");
  CHECK_THROWS_AS(inspect_tlv("", *writer), kpd::Failure);
  CHECK(out.str().empty());
}

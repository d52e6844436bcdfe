// Data groupings, CPS records, command APDUs.
#include <fmt/format.h>

#include "cps/apdu.h"
#include "cps/record.h"
#include "kpd/calc/command_apdu.h"
#include "kpd/calc/functions.h"
#include "kpd/inspect/decode_dgi.h"
#include "kpd/inspect/decode_record.h"
#include "kpd/inspect/decode_tlv.h"

namespace kpd::calc {
namespace {

constexpr std::array kDgiShowParameters{hex("data", "Data groupings").sized(3, 65536).bare()};

Done dgi_show(const Arguments& arguments, Result& result) {
  const auto dgis = cps::parse_dgis(arguments.bytes("data"));
  if (!dgis) return tl::unexpected(dgis.error());
  std::vector<inspect::Node> nodes;
  for (const cps::Dgi& dgi : *dgis)
    if (dgi.id < 0x8000 || dgi.id >= 0x9000) result.learn_tlv(dgi.value);
  nodes.reserve(dgis->size());
  for (const cps::Dgi& dgi : *dgis)
    nodes.push_back(inspect::decode_dgi(dgi, *dgis, inspect::SecretDgis(), result.mask()));
  result.nodes("dgis", nodes);
  return {};
}

constexpr std::array kDgiBuildParameters{
    text("dgi", "DGI=VALUE in hexadecimal; give each, in order").sized(5, 131072).several().bare()};

Done dgi_build(const Arguments& arguments, Result& result) {
  Bytes list;
  for (const std::string& text : arguments.texts("dgi")) {
    const std::size_t equals = std::min(text.find('='), text.size());
    const auto id = emvcrypto::parse_hex(text.substr(0, equals));
    auto value = emvcrypto::parse_hex(text.substr(std::min(equals + 1, text.size())));
    if (!id || id->size() != 2 || !value || value->size() > 65534)
      return usage("dgi: DGI=VALUE wanted, both in hexadecimal, up to 65534 bytes");
    const auto number = static_cast<cps::DgiId>(emvcrypto::to_number(*id));
    if (number >= 0x8000 && number < 0x9000 && !result.shows_secrets())
      return usage("dgi: 8000 to 8FFF hold secrets: taken with --clear-test-keys alone, for tests");
    result.learn_tlv(*value);
    cps::append_dgi(list, {number, *std::move(value)});
  }
  result.number("length", list.size());
  result.hex("dgis", list);
  return {};
}

constexpr std::array kCpsRecordParameters{
    hex("data", "Sections 2 and 3 of a CPS record").sized(1, 1048576).bare(),
    number("key-id-length", "Bytes of a transport key's identifier").sized(1, 16).or_else("4"),
    number("product-id-length", "Bytes of a product identifier (0: a length before it)")
        .sized(0, 255)
        .or_else("0"),
    truth("long-lengths", "Data object EF has lengths of the form 82 xx xx always")};

Done cps_record(const Arguments& arguments, Result& result) {
  cps::RecordLayout layout;
  layout.key_id_length = arguments.number("key-id-length");
  layout.product_id_length = arguments.number("product-id-length");
  if (arguments.truth("long-lengths")) layout.object_length = cps::ObjectLength::long_form;
  const auto record = cps::parse_record(arguments.bytes("data"), layout);
  if (!record) return tl::unexpected(record.error());
  inspect::learn(result.mask(), *record);
  result.nodes("record", inspect::decode_record(*record, {}, result.mask()));
  return {};
}

/// Instructions that cards of this trade know (ISO/IEC 7816-4, EMV 4.4 Book 3, GlobalPlatform).
struct Instruction {
  std::uint8_t ins;
  std::string_view name;
};
constexpr std::uint8_t kVerify = 0x20;
constexpr Instruction kInstructions[] = {
    {0x16, "CARD BLOCK"},
    {0x18, "APPLICATION UNBLOCK"},
    {0x1E, "APPLICATION BLOCK"},
    {kVerify, "VERIFY"},
    {0x24, "PIN CHANGE/UNBLOCK"},
    {0x2A, "COMPUTE CRYPTOGRAPHIC CHECKSUM"},
    {0x50, "INITIALIZE UPDATE"},
    {0x82, "EXTERNAL AUTHENTICATE"},
    {0x84, "GET CHALLENGE"},
    {0x88, "INTERNAL AUTHENTICATE"},
    {0xA4, "SELECT"},
    {0xA8, "GET PROCESSING OPTIONS"},
    {0xAE, "GENERATE AC"},
    {0xB2, "READ RECORD"},
    {0xC0, "GET RESPONSE"},
    {0xCA, "GET DATA"},
    {0xD8, "PUT KEY"},
    {0xDA, "PUT DATA"},
    {0xDC, "UPDATE RECORD"},
    {0xE2, "STORE DATA"},
    {0xE4, "DELETE"},
    {0xE6, "INSTALL"},
    {0xF0, "SET STATUS"},
    {0xF2, "GET STATUS"},
};

constexpr std::array kApduParameters{
    hex("command", "Command APDU, short form").sized(4, 261).bare()};

Done apdu(const Arguments& arguments, Result& result) {
  const ByteView command = arguments.bytes("command");
  const std::uint8_t ins = command[1];
  result.hex("cla", command.first(1));
  result.hex("ins", command.subspan(1, 1));
  const auto* known = std::ranges::find(kInstructions, ins, &Instruction::ins);
  if (known != std::end(kInstructions)) result.text("name", known->name);
  result.hex("p1", command.subspan(2, 1));
  result.hex("p2", command.subspan(3, 1));
  result.truth("secure_messaging", (command[0] & 0x04) != 0);
  const auto parts = split_command(command);
  if (!parts) return tl::unexpected(parts.error());
  if (!parts->data.empty()) {
    result.number("lc", parts->data.size());
    if (ins == kVerify) {
      result.secret("data", Secret(parts->data), true);
    } else {
      result.learn_tlv(parts->data);
      result.hex("data", parts->data);
    }
  }
  if (parts->le) result.number("le", *parts->le == 0 ? 256 : *parts->le);
  return {};
}

constexpr std::array kStatusParameters{hex("status", "Status word").sized(2).bare()};

Done status(const Arguments& arguments, Result& result) {
  const auto word = static_cast<std::uint16_t>(emvcrypto::to_number(arguments.bytes("status")));
  result.text("status", cps::status_text(word));
  return {};
}

}  // namespace

constinit const Function kDgiShow{"dgi show", "Data groupings with names", kDgiShowParameters,
                                  "9102075005544553543101010870065F2403311231", dgi_show};
constinit const Function kDgiBuild{"dgi build", "Data groupings from identifiers and values",
                                   kDgiBuildParameters, "0101=70065F2403311231 9010=0303",
                                   dgi_build};
constinit const Function kCpsRecord{
    "cps-record", "A CPS record in words", kCpsRecordParameters,
    "30322E3100A4000D003030000107F000000001101000931307F00000000110100A01544B30312011018000001902"
    "4D430014130F01EF000C00000000000000000000000000000000005FEF5D01011670145A0847617390010100105F"
    "24033012315F3401018000309191B29DE7245AF1DB35D43D34F8E5DE3FFDBCB3F13EB0DA9CFB2AA7F26BFC83FB5E"
    "8351C801881B55D439447F90807390000997DCB0CE4E2CB37DF3901002030300",
    cps_record};
constinit const Function kApdu{"apdu", "A command APDU in fields", kApduParameters,
                               "00A404000E325041592E5359532E444446303100", apdu};
constinit const Function kStatus{"status", "A status word in words", kStatusParameters, "6A88",
                                 status};

}  // namespace kpd::calc

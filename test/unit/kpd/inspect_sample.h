/// A card file as the emitting side writes it, small enough to be seen whole.
#pragma once

#include <nlohmann/json.hpp>
#include <sstream>

#include "cps/card_file.h"
#include "emvcrypto/hash.h"
#include "emvcrypto/tlv.h"
#include "kpd/inspect/inspect_card_file.h"

namespace inspect_test {

using emvcrypto::Bytes;
using emvcrypto::from_hex;

inline const std::string kPan = "9999990000000014";
inline const std::string kMaskedPan = "999999******0014";
inline const std::string kName = "PETROVA/OLGA";
inline const std::string kMaskedName = "P******/O***";

inline Bytes bytes_of(std::string_view text) {
  const auto view = emvcrypto::as_bytes(text);
  return {view.begin(), view.end()};
}

inline Bytes tlv(emvcrypto::Tag tag, const Bytes& value) {
  return emvcrypto::make_tlv(tag, value);
}

inline Bytes tlv(emvcrypto::Tag tag, const std::string& hex) {
  return emvcrypto::make_tlv(tag, from_hex(hex));
}

/// Bytes that stand for enciphered ones and must never be seen.
inline const Bytes kSecretKeys(48, 0xE7);
inline const Bytes kSecretPin(8, 0xD6);

inline cps::FileHeader header() {
  cps::FileHeader header;
  header.run = std::string(32, 'a');
  header.job = "starter";
  header.plan_digest = std::string(64, 'b');
  header.date = "2026-11-22";
  header.keys = {{bytes_of("TKK1"), "card-keys", "3DES", from_hex("010203"), "aes-kw", "KEK2-KEY",
                  from_hex("0A0B0C"), Bytes(24, 0xC5)},
                 {bytes_of("TKP1"),
                  "pin",
                  "3DES",
                  from_hex("040506"),
                  "static",
                  "KEK2-PIN",
                  from_hex("040506"),
                  {}}};
  return header;
}

inline cps::Application application() {
  using emvcrypto::concat;
  cps::Application application;
  application.aid = from_hex("A0000009990101");
  application.owner = from_hex("A000000999");
  application.transport_keys = {{bytes_of("TKK1"), 0x20, 0x11, {0x8000}},
                                {bytes_of("TKP1"), 0x20, 0x10, {0x8010}}};
  cps::Step step;
  step.instructions.order = {{0x8010, 0x9010}, {0x8000, 0x9000}};
  step.instructions.enciphered = {{0x8000, 0x11}, {0x8010, 0x11}};
  step.instructions.security_level = 3;
  application.steps = {step};
  const Bytes label = bytes_of("TEST CREDIT");
  application.dgis = {
      {0x9102, tlv(0xA5, concat({tlv(0x50, label), tlv(0x9F38, "9F1A025F2A02")}))},
      {0x9104, concat({tlv(0x82, "3C00"), tlv(0x94,
                                              "08010100"
                                              "10010201")})},
      {0x0101, tlv(0x70, concat({tlv(0x57, "9999990000000014D49122010000001230"),
                                 tlv(0x5F20, bytes_of(kName))}))},
      {0x0201, tlv(0x70, concat({tlv(0x5A, kPan), tlv(0x5F24, "491231"), tlv(0x5F28, "0826"),
                                 tlv(0x9F07, "FF00"), tlv(0x8E, "0000000000000000440341031F00"),
                                 tlv(0x9F0D, "F040000000"), tlv(0x9F4A, "82")}))},
      {0x8010, kSecretPin},
      {0x9010, from_hex("0303")},
      {0x8000, kSecretKeys},
      {0x9000, from_hex("112233445566778899")}};
  application.mac_key = Bytes(16, 0xB4);
  application.mac = from_hex("DEADBEEF");
  return application;
}

inline std::vector<cps::Module> card(const cps::Application& application,
                                     const std::string& id = "00000001") {
  cps::Record record;
  record.reference = from_hex("0102030405060708");
  record.applications = {application};
  return {{"$REF", bytes_of(id)},
          {"$TYP", bytes_of("GOLD")},
          {"$MG1", bytes_of("%B" + kPan + "^" + kName + "^4912201000123?")},
          {"$MG2", bytes_of(";" + kPan + "=4912201000123?")},
          {"$EM1", bytes_of("9999 9900 0000 0014")},
          {"$EM3", bytes_of("Petrova/Olga")},
          {"$IND", bytes_of("0014 123")},
          {"$CHP", cps::encode_record(record, {4})}};
}

inline std::string file_of(const std::vector<std::vector<cps::Module>>& cards,
                           const cps::FileHeader& head = header()) {
  Bytes bytes = cps::encode_header(head);
  for (const auto& modules : cards) emvcrypto::append(bytes, cps::encode_card(modules));
  cps::FileTrailer trailer;
  trailer.records = cards.size();
  trailer.rejected = 1;
  trailer.read = cards.size() + 1;
  trailer.digest = emvcrypto::to_hex(emvcrypto::sha256({bytes}));
  trailer.mac = from_hex("0011223344556677");
  emvcrypto::append(bytes, cps::encode_trailer(trailer));
  return std::string(emvcrypto::as_text(bytes));
}

/// What `kpd inspect` prints of a card file, as text or as JSON.
inline std::string shown(const std::string& file, const kpd::inspect::Wish& wish = {},
                         bool json = false) {
  std::istringstream in(file);
  std::ostringstream out;
  const auto writer =
      json ? kpd::inspect::make_json_writer(out) : kpd::inspect::make_text_writer(out, {});
  kpd::inspect::inspect_card_file(in, wish, *writer);
  return out.str();
}

/// The node with this id, anywhere below; null when there is none.
inline nlohmann::json find_node(const nlohmann::json& tree, const std::string& id) {
  if (tree.value("id", "") == id) return tree;
  for (const auto& child : tree.value("children", nlohmann::json::array()))
    if (auto found = find_node(child, id); !found.is_null()) return found;
  return nullptr;
}

}  // namespace inspect_test

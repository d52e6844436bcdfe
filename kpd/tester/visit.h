/// The state of a test while it runs: the whole card, and one application of it.
#pragma once

#include <string>

#include "cps/dialogue.h"
#include "emvcrypto/certificates.h"
#include "kpd/tester/card_data.h"
#include "kpd/tester/report.h"
#include "kpd/tester/request.h"
#include "kpd/tester/terminal_data.h"

namespace kpd::tester {

/// One card in the terminal.
struct Visit {
  const TestRequest& request;
  CardReport report{};
  bool gone = false;  ///< the card answers no more: nothing is sent after this
  unsigned commands = 0;

  /// Adds a finding with the severity of its kind.
  void find(const std::string& id, std::string reason, std::string where = "");
};

/// One application of that card.
struct ApplicationVisit {
  ApplicationVisit(Visit& visit, ApplicationUnderTest application);

  Visit& card;
  ApplicationUnderTest target;
  const cps::Application* prepared = nullptr;
  ApplicationReport report;

  emvcrypto::Bytes fci;  ///< answer to SELECT
  emvcrypto::Bytes aip, afl;
  std::vector<ReadRecord> records;
  CardData data;
  TerminalData terminal;
  emvcrypto::Bytes pdol_values;  ///< as sent in GET PROCESSING OPTIONS, for CDA

  std::optional<emvcrypto::RsaPublicKey> icc_key, pin_key;  ///< out of verified certificates

  /// Adds a finding whose place starts with this application's AID.
  void find(const std::string& id, std::string reason, const std::string& where = "");

  bool aip_has(std::uint8_t first_byte_bits) const {
    return !aip.empty() && (aip.front() & first_byte_bits) == first_byte_bits;
  }
};

/// Bits of the AIP's first byte (EMV 4.4 Book 3, C1).
inline constexpr std::uint8_t kAipSda = 0x40, kAipDda = 0x20, kAipIssuerAuthentication = 0x04,
                              kAipCda = 0x01;

/// Sends a command (61xx and 6Cxx followed), keeps it in the timeline, counts it. A card that is
/// gone or past its limit of commands gets no more: the answer is then of kind `lost`. `visit`
/// outlives the dialogue.
cps::Dialogue<cps::Response> transact(Visit& visit, std::string name, cps::Command command);

/// Whether the card answered, with this status word.
bool answered(const cps::Response& response, std::uint16_t status = 0x9000);

}  // namespace kpd::tester

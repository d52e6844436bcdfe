/// What a test found out about a card.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emvcrypto/bytes.h"
#include "kpd/tester/finding.h"

namespace kpd::tester {

/// What became of one proof.
enum class Outcome {
  not_run,  ///< the card does not offer it, or the test was not to try it
  passed,
  failed
};

/// One application as the terminal saw it.
struct ApplicationReport {
  emvcrypto::Bytes aid;
  std::string label;       ///< tag 50
  std::string masked_pan;  ///< first six and last four digits
  std::string psn;
  emvcrypto::Bytes aip, afl;
  std::string cryptogram_version;
  Outcome sda = Outcome::not_run, dda = Outcome::not_run, cda = Outcome::not_run;
  Outcome plaintext_pin = Outcome::not_run, enciphered_pin = Outcome::not_run;
  Outcome arqc = Outcome::not_run;  ///< the first cryptogram, judged by the host
  Outcome arpc = Outcome::not_run;  ///< issuer authentication
  Outcome tc =
      Outcome::not_run;  ///< the second cryptogram: a TC, judged by the host if there is one
  Outcome comparison = Outcome::not_run;  ///< with the prepared data
};

/// One command of the dialogue. Never holds data of either side.
struct TimelineEntry {
  std::string command;  ///< "READ RECORD 2.1"
  std::uint16_t status = 0;
  std::string meaning;  ///< the status word in words, or what happened to the card
};

enum class Verdict { pass, fail };

struct CardReport {
  emvcrypto::Bytes atr;
  std::vector<ApplicationReport> applications;
  std::vector<Finding> findings;
  std::vector<TimelineEntry> timeline;

  /// Pass: an application was tested, and nothing of severity error was found.
  Verdict verdict() const;

  /// Whether a finding of this id, or below it ("oda" covers "oda.sda.hash"), is there.
  bool has(std::string_view id) const;
};

/// "passed"; for reports.
const char* outcome_name(Outcome outcome);

/// The whole report; findings with title, clause and remedy of the dictionary. Stable keys.
nlohmann::json to_json(const CardReport& report);

}  // namespace kpd::tester

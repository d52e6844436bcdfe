#include "kpd/tester/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kpd/tester/findings_dictionary.h"

namespace kpd::tester {
namespace {

/// Text that a card gave may be anything; JSON takes printable ASCII.
std::string printable(std::string text) {
  for (char& c : text)
    if (c < 0x20 || c > 0x7E) c = '?';
  return text;
}

nlohmann::json application_json(const ApplicationReport& app) {
  return {{"aid", emvcrypto::to_hex(app.aid)},
          {"label", printable(app.label)},
          {"pan", app.masked_pan},
          {"psn", app.psn},
          {"aip", emvcrypto::to_hex(app.aip)},
          {"afl", emvcrypto::to_hex(app.afl)},
          {"cryptogram_version", app.cryptogram_version},
          {"methods",
           {{"sda", outcome_name(app.sda)},
            {"dda", outcome_name(app.dda)},
            {"cda", outcome_name(app.cda)},
            {"plaintext_pin", outcome_name(app.plaintext_pin)},
            {"enciphered_pin", outcome_name(app.enciphered_pin)},
            {"arqc", outcome_name(app.arqc)},
            {"arpc", outcome_name(app.arpc)},
            {"tc", outcome_name(app.tc)},
            {"comparison", outcome_name(app.comparison)}}}};
}

nlohmann::json finding_json(const Finding& finding) {
  nlohmann::json json{{"id", finding.id},
                      {"severity", severity_name(finding.severity)},
                      {"reason", printable(finding.reason)},
                      {"where", printable(finding.where)}};
  if (const FindingKind* kind = find_finding_kind(finding.id)) {
    json["title"] = kind->title;
    json["clause"] = kind->clause;
    json["remedy"] = kind->remedy;
  }
  return json;
}

}  // namespace

Verdict CardReport::verdict() const {
  const bool error = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.severity == Severity::error;
  });
  return error || applications.empty() ? Verdict::fail : Verdict::pass;
}

bool CardReport::has(std::string_view id) const {
  return std::any_of(findings.begin(), findings.end(), [id](const Finding& finding) {
    return finding.id.starts_with(id) &&
           (finding.id.size() == id.size() || finding.id[id.size()] == '.');
  });
}

const char* outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::failed:
      return "failed";
    default:
      return "not run";
  }
}

nlohmann::json to_json(const CardReport& report) {
  nlohmann::json json{{"version", 1},
                      {"verdict", report.verdict() == Verdict::pass ? "pass" : "fail"},
                      {"atr", emvcrypto::to_hex(report.atr)},
                      {"applications", nlohmann::json::array()},
                      {"findings", nlohmann::json::array()},
                      {"timeline", nlohmann::json::array()}};
  for (const auto& app : report.applications) json["applications"].push_back(application_json(app));
  for (const auto& finding : report.findings) json["findings"].push_back(finding_json(finding));
  for (const auto& entry : report.timeline)
    json["timeline"].push_back(
        {{"command", printable(entry.command)},
         {"status", emvcrypto::to_hex(emvcrypto::Bytes{static_cast<std::uint8_t>(entry.status >> 8),
                                                       static_cast<std::uint8_t>(entry.status)})},
         {"meaning", printable(entry.meaning)}});
  return json;
}

}  // namespace kpd::tester

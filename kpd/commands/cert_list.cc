// kpd cert list: what a work area has, and what ends soon.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/calendar.h"
#include "kpd/certificates/certificate_register.h"
#include "kpd/certificates/test_keys.h"
#include "kpd/commands/cert_options.h"

namespace kpd {
namespace {

using emvcrypto::to_hex;
using nlohmann::ordered_json;

struct ListOptions {
  AreaOptions area;
  int warn_days = 90;
};

/// How things stand with something that ends; the worst of all is how the command ends.
enum class Standing { good, retired, ends_soon, ended };
constexpr std::array<std::string_view, 4> kStandings{"good", "retired", "ends soon", "ended"};

Standing standing_of(const emvcrypto::Date& last_day, const std::string& retired,
                     const ListOptions& options) {
  if (!retired.empty()) return Standing::retired;
  const int left = days_between(options.area.today(), last_day);
  if (left < 0) return Standing::ended;
  return left <= options.warn_days ? Standing::ends_soon : Standing::good;
}

std::string name_of(Standing standing) {
  return std::string(kStandings[static_cast<std::size_t>(standing)]);
}

/// A certificate with what its own signature says.
ordered_json described(const StoredCertificate& stored, const std::vector<StoredCaKey>& keys,
                       const ListOptions& options, Standing& standing) {
  const IssuerPlan& issuer = stored.issuer;
  ordered_json row{
      {"issuer", stored.name},     {"issuer_id", to_hex(issuer.issuer_id)},
      {"key", issuer.key_uri},     {"bits", issuer.key.size() * 8},
      {"rid", to_hex(issuer.rid)}, {"ca_index", fmt::format("{:02X}", issuer.ca_index)}};
  for (const StoredCaKey& key : keys) {
    if (key.ca.rid != issuer.rid || key.ca.index != issuer.ca_index) continue;
    const auto content = emvcrypto::recover_issuer_certificate(
        key.ca.key, issuer.certificate, issuer.remainder, issuer.key.exponent);
    if (!content)
      throw Failure(ExitCode::hold, stored.file.string() +
                                        ": the certificate is not good: " + content.error().reason);
    const std::string expiry = to_hex(content->expiry);
    const auto last_day = emvcrypto::parse_yymm_end(expiry.substr(2) + expiry.substr(0, 2));
    row["serial"] = to_hex(content->serial);
    if (!last_day) break;
    standing = standing_of(*last_day, stored.retired, options);
    row["expiry"] = last_day->iso();
    row["days_left"] = days_between(options.area.today(), *last_day);
    row["standing"] = name_of(standing);
    return row;
  }
  row["standing"] = "its CA key is not here";
  return row;
}

ordered_json described(const StoredCaKey& stored, const ListOptions& options, Standing& standing) {
  if (stored.ca.last_day)
    standing = standing_of(*stored.ca.last_day, stored.ca.retired, options);
  else if (!stored.ca.retired.empty())
    standing = Standing::retired;
  const auto why = TestKeys().why(stored.ca);
  return {{"name", stored.name},
          {"rid", to_hex(stored.ca.rid)},
          {"index", fmt::format("{:02X}", stored.ca.index)},
          {"bits", stored.ca.key.size() * 8},
          {"hash", to_hex(emvcrypto::ca_key_hash(stored.ca.rid, stored.ca.index, stored.ca.key))},
          {"expiry", stored.ca.last_day ? stored.ca.last_day->iso() : ""},
          {"test_key", why.has_value()},
          {"standing", name_of(standing)}};
}

/// Requests whose key has no certificate.
ordered_json open_requests(const Area& area, const std::vector<StoredCertificate>& certificates) {
  ordered_json rows = ordered_json::array();
  auto known = CertificateRegister::read(area.folder() / kCertificateRegister);
  if (!known) return rows;
  for (const CertificateRequest& request : known->requests()) {
    const bool answered =
        std::any_of(certificates.begin(), certificates.end(), [&](const StoredCertificate& one) {
          return key_fingerprint(one.issuer.key) == request.key &&
                 to_hex(one.issuer.rid) == request.rid;
        });
    if (!answered)
      rows.push_back({{"issuer", request.issuer},
                      {"format", request.format},
                      {"issuer_id", request.issuer_id},
                      {"tracking", request.tracking},
                      {"key", request.key_uri},
                      {"made", request.made}});
  }
  return rows;
}

std::string text_of(const ordered_json& row, const char* name) {
  if (!row.contains(name)) return "-";
  return row.at(name).is_string() ? row.at(name).get<std::string>() : row.at(name).dump();
}

void print(const ordered_json& all) {
  fmt::print("{:<16} {:<9} {:<7} {:<10} {:<2}  {:<10} {:<10} {}\n", "issuer", "id", "serial", "RID",
             "CA", "until", "standing", "key");
  for (const ordered_json& row : all.at("certificates"))
    fmt::print("{:<16} {:<9} {:<7} {:<10} {:<2}  {:<10} {:<10} {}\n", text_of(row, "issuer"),
               text_of(row, "issuer_id"), text_of(row, "serial"), text_of(row, "rid"),
               text_of(row, "ca_index"), text_of(row, "expiry"), text_of(row, "standing"),
               text_of(row, "key"));
  fmt::print("\n{:<16} {:<10} {:<2}  {:<5} {:<10} {:<10} {}\n", "CA key", "RID", "CA", "bits",
             "until", "standing", "hash");
  for (const ordered_json& row : all.at("ca_keys"))
    fmt::print("{:<16} {:<10} {:<2}  {:<5} {:<10} {:<10} {}{}\n", text_of(row, "name"),
               text_of(row, "rid"), text_of(row, "index"), text_of(row, "bits"),
               text_of(row, "expiry"), text_of(row, "standing"), text_of(row, "hash"),
               row.at("test_key").get<bool>() ? " (test key)" : "");
  for (const ordered_json& row : all.at("requests"))
    fmt::print("\nwaiting for an answer: {} ({}, identifier {}, number {}, {})\n",
               text_of(row, "issuer"), text_of(row, "format"), text_of(row, "issuer_id"),
               text_of(row, "tracking"), text_of(row, "made"));
}

ExitCode run_list(const ListOptions& options, bool json) {
  const Area area = options.area.open();
  const auto keys = stored_ca_keys(area.folder());
  const auto certificates = stored_certificates(area.folder());
  Standing worst = Standing::good;
  const auto take = [&](auto describe) {
    Standing standing = Standing::good;
    ordered_json row = describe(standing);
    worst = std::max(worst, standing);
    return row;
  };
  ordered_json all{{"certificates", ordered_json::array()}, {"ca_keys", ordered_json::array()}};
  for (const StoredCertificate& one : certificates)
    all["certificates"].push_back(
        take([&](Standing& standing) { return described(one, keys, options, standing); }));
  for (const StoredCaKey& one : keys)
    all["ca_keys"].push_back(
        take([&](Standing& standing) { return described(one, options, standing); }));
  all["requests"] = open_requests(area, certificates);
  if (json)
    std::cout << all.dump(2) << "\n";
  else
    print(all);
  if (worst == Standing::ended) return ExitCode::hold;
  return worst == Standing::ends_soon ? static_cast<ExitCode>(1) : ExitCode::done;
}

}  // namespace

void add_cert_list(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = parent.add_subcommand(
      "list", "Issuer certificates, CA keys and open requests of a work area");
  command
      ->add_option("--warn-days", options->warn_days,
                   "What ends within so many days is said to end soon (default: 90)")
      ->check(CLI::Range(0, 3650));
  options->area.add_to(*command);
  options->area.add_date_to(*command);
  add_json_option(*command, invocation);
  command->footer(
      "Exit codes: 0 nothing ends soon, 1 something does, 65 something in use has ended.\n"
      "Example:  kpd cert list --area demo/area.yaml --warn-days 60 || mail -s certificates ops");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_list(*options, invocation.json); };
  });
}

}  // namespace kpd

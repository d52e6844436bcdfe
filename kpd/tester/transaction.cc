#include "kpd/tester/transaction.h"

#include <algorithm>

#include "kpd/tester/compare.h"
#include "kpd/tester/generate_ac.h"
#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using Dol = std::vector<emvcrypto::DolEntry>;

constexpr std::string_view kFirst = "GENERATE AC (first)", kSecond = "GENERATE AC (second)";

bool asks_for(const Dol& dol, emvcrypto::Tag tag) {
  return std::any_of(dol.begin(), dol.end(), [tag](const auto& e) { return e.tag == tag; });
}

/// A CDOL of the card; a malformed or missing one is a finding.
std::optional<Dol> cdol(ApplicationVisit& app, emvcrypto::Tag tag) {
  const auto value = app.data.get(tag);
  auto dol = emvcrypto::parse_dol(value);
  if (!value.empty() && dol) return dol;
  app.find("ac.command", emvcrypto::tag_name(tag) + " is missing or malformed");
  return std::nullopt;
}

/// What a host judges, of either cryptogram.
CryptogramInput judged(const ApplicationVisit& app, const AcAnswer& answer,
                       std::vector<SentValue> sent, ByteView unpredictable) {
  CryptogramInput input;
  input.aid = app.target.aid;
  input.pan = app.data.pan();
  input.psn = app.data.psn();
  input.version = app.target.version;
  input.udk_option = app.target.udk_option;
  input.sent = std::move(sent);
  input.aip = app.aip;
  input.atc = answer.atc;
  input.iad = answer.iad;
  input.ac = answer.ac;
  input.unpredictable.assign(unpredictable.begin(), unpredictable.end());
  return input;
}

/// The host's answer; nothing when there is no host or it cannot judge.
std::optional<HostAnswer> ask_host(ApplicationVisit& app, const CryptogramInput& input) {
  IssuerHost* host = app.card.request.ports.issuer_host;
  if (!host) return std::nullopt;
  if (!input.version) {
    app.find("ac.host", "no cryptogram version is named for this application");
    return std::nullopt;
  }
  auto answer = host->verify(input);
  if (answer) return *std::move(answer);
  app.find("ac.host", answer.error().reason);
  return std::nullopt;
}

/// Whether the card kept to "only tighter than asked for", and gave what a good card gives.
bool type_is_right(ApplicationVisit& app, const AcAnswer& answer, CryptogramType asked,
                   const char* declined, std::string_view where) {
  if (answer.type() == asked) return true;
  const std::string name(where);
  if (answer.type() == CryptogramType::aac)
    app.find(declined, "it answered with an AAC", name);
  else
    app.find("ac.loosened", "CID " + emvcrypto::to_hex(Bytes{answer.cid}), name);
  return false;
}

/// EXTERNAL AUTHENTICATE with the issuer's answer (Book 3, 6.5.4).
cps::Dialogue<bool> external_authenticate(ApplicationVisit& app, Bytes issuer_data) {
  cps::Command command{0x00, 0x82, 0x00, 0x00, std::move(issuer_data), std::nullopt};
  auto sending = transact(app.card, "EXTERNAL AUTHENTICATE", std::move(command));
  const cps::Response response = co_await sending;
  if (app.card.gone) co_return false;
  app.report.arpc = answered(response) ? Outcome::passed : Outcome::failed;
  if (!answered(response))
    app.find("ac.arpc", cps::status_text(response.status()), "EXTERNAL AUTHENTICATE");
  co_return true;
}

/// The second answer's judgement.
void judge_second(ApplicationVisit& app, const AcAnswer& first, const AcAnswer& second,
                  std::vector<SentValue> sent, ByteView unpredictable, bool arpc_in_cdol2) {
  bool right = type_is_right(app, second, CryptogramType::tc, "ac.second", kSecond);
  if (arpc_in_cdol2) {
    app.report.arpc = right ? Outcome::passed : Outcome::failed;
    if (!right) app.find("ac.arpc", "sent in CDOL2, and the card did not approve");
  }
  if (second.atc != first.atc) {
    app.find("ac.atc", "it changed between the first and the second GENERATE AC");
    right = false;
  }
  const CryptogramInput input = judged(app, second, std::move(sent), unpredictable);
  const auto answer = input.version ? ask_host(app, input) : std::nullopt;
  if (answer && !answer->arqc_right) {
    app.find("ac.second-cryptogram", "the host computes another one");
    right = false;
  }
  app.report.tc = right ? Outcome::passed : Outcome::failed;
}

/// What the first half of the transaction leaves for the second.
struct FirstHalf {
  AcAnswer answer;
  std::vector<SentValue> sent;
  Bytes unpredictable;
  bool cda = false;
};

/// First GENERATE AC.
cps::Dialogue<std::optional<FirstHalf>> first_half(ApplicationVisit& app) {
  const auto cdol1 = cdol(app, tags::kCdol1);
  if (!cdol1) co_return std::nullopt;
  FirstHalf half;
  half.unpredictable = app.card.request.ports.random(4);
  app.terminal.set(tags::kUnpredictable, half.unpredictable);
  half.cda = app.aip_has(kAipCda) && app.icc_key.has_value();
  if (app.aip_has(kAipCda) && !half.cda) {
    app.report.cda = Outcome::failed;
    app.terminal.raise(TvrBit::cda_failed);
  }
  half.sent = app.terminal.fill(*cdol1, app.data);
  AcRequest request{CryptogramType::arqc, half.cda,           joined(half.sent), {},
                    half.unpredictable,   std::string(kFirst)};
  request.transaction_data = emvcrypto::concat({app.pdol_values, request.dol_values});
  auto generating = generate_ac(app, std::move(request));
  auto answer = co_await generating;
  if (half.cda && app.report.cda != Outcome::passed) {
    app.report.cda = Outcome::failed;
    app.terminal.raise(TvrBit::cda_failed);
  }
  if (!answer) co_return std::nullopt;
  half.answer = *std::move(answer);
  compare_issuer_data(app, half.answer.iad);
  co_return std::optional<FirstHalf>(std::move(half));
}

}  // namespace

cps::Dialogue<bool> run_transaction(ApplicationVisit& app) {
  auto beginning = first_half(app);
  const auto first = co_await beginning;
  if (!first) co_return !app.card.gone;
  const bool online =
      type_is_right(app, first->answer, CryptogramType::arqc, "ac.declined", kFirst);
  const auto host = ask_host(app, judged(app, first->answer, first->sent, first->unpredictable));
  if (host) {
    app.report.arqc = host->arqc_right && online ? Outcome::passed : Outcome::failed;
    if (!host->arqc_right)
      app.find("ac.arqc", "the host computes another one", std::string(kFirst));
  }
  if (!online || !host || !host->arqc_right) co_return true;

  const Bytes& issuer_data = host->issuer_authentication_data;
  const bool by_command = !issuer_data.empty() && app.aip_has(kAipIssuerAuthentication);
  if (by_command) {
    auto authenticating = external_authenticate(app, issuer_data);
    const bool there = co_await authenticating;
    if (!there) co_return false;
  }
  const auto cdol2 = cdol(app, tags::kCdol2);
  if (!cdol2) co_return true;
  if (!issuer_data.empty()) app.terminal.set(tags::kIssuerAuthentication, issuer_data);
  app.terminal.set(tags::kArc, host->response_code);
  const auto sent = app.terminal.fill(*cdol2, app.data);
  const bool cda = first->cda && app.card.request.profile.cda_on_second;
  AcRequest request{CryptogramType::tc,  cda, joined(sent), {}, first->unpredictable,
                    std::string(kSecond)};
  request.transaction_data =
      emvcrypto::concat({app.pdol_values, joined(first->sent), request.dol_values});
  auto generating = generate_ac(app, std::move(request));
  const auto second = co_await generating;
  if (!second) {
    app.report.tc = Outcome::failed;
    co_return !app.card.gone;
  }
  auto all_sent = first->sent;
  all_sent.insert(all_sent.end(), sent.begin(), sent.end());
  const bool arpc_in_cdol2 =
      !by_command && !issuer_data.empty() && asks_for(*cdol2, tags::kIssuerAuthentication);
  judge_second(app, first->answer, *second, std::move(all_sent), first->unpredictable,
               arpc_in_cdol2);
  co_return true;
}

}  // namespace kpd::tester

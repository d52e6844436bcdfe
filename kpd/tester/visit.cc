#include "kpd/tester/visit.h"

#include <algorithm>

#include "cps/exchange.h"
#include "kpd/tester/findings_dictionary.h"

namespace kpd::tester {
namespace {

const cps::Application* prepared_application(const cps::Record* record, emvcrypto::ByteView aid) {
  if (!record) return nullptr;
  for (const cps::Application& application : record->applications)
    if (std::equal(application.aid.begin(), application.aid.end(), aid.begin(), aid.end()))
      return &application;
  return nullptr;
}

cps::Response gone() {
  return {cps::Response::Kind::lost, {}, "the card is gone"};
}

/// What an answer that is none means; the card gets nothing more.
void lose(Visit& visit, const std::string& command, const cps::Response& response) {
  using Kind = cps::Response::Kind;
  visit.gone = true;
  const char* id = response.kind == Kind::lost     ? "card.lost"
                   : response.kind == Kind::broken ? "card.broken"
                                                   : "card.short-answer";
  const std::string reason = response.kind == Kind::answered
                                 ? std::to_string(response.bytes.size()) + " bytes came back"
                                 : response.detail;
  visit.report.timeline.push_back({command, 0, find_finding_kind(id)->title.data()});
  visit.find(id, reason, command);
}

}  // namespace

void Visit::find(const std::string& id, std::string reason, std::string where) {
  const FindingKind* kind = find_finding_kind(id);
  report.findings.push_back(
      {id, kind ? kind->severity : Severity::error, std::move(reason), std::move(where)});
}

ApplicationVisit::ApplicationVisit(Visit& visit, ApplicationUnderTest application)
    : card(visit),
      target(std::move(application)),
      prepared(prepared_application(visit.request.prepared, target.aid)),
      terminal(visit.request.profile) {
  report.aid = target.aid;
  if (target.version) report.cryptogram_version = target.version->name;
}

void ApplicationVisit::find(const std::string& id, std::string reason, const std::string& where) {
  const std::string aid = emvcrypto::to_hex(target.aid);
  card.find(id, std::move(reason), where.empty() ? aid : aid + " " + where);
}

cps::Dialogue<cps::Response> transact(Visit& visit, std::string name, cps::Command command) {
  if (visit.gone) co_return gone();
  if (++visit.commands > visit.request.profile.command_limit) {
    visit.gone = true;
    visit.find("card.limit", "more than " + std::to_string(visit.commands - 1) + " commands", name);
    co_return gone();
  }
  auto inner = cps::exchange(std::move(command));
  const cps::Response response = co_await inner;
  if (response.kind != cps::Response::Kind::answered || response.bytes.size() < 2)
    lose(visit, name, response);
  else
    visit.report.timeline.push_back({name, response.status(), cps::status_text(response.status())});
  if (!visit.gone && response.status() >> 8 == 0x61) {
    visit.gone = true;
    visit.find("card.limit", "it announces more and more data", name);
    co_return gone();
  }
  co_return response;
}

bool answered(const cps::Response& response, std::uint16_t status) {
  return response.kind == cps::Response::Kind::answered && response.bytes.size() >= 2 &&
         response.status() == status;
}

}  // namespace kpd::tester

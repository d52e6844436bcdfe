#include "kpd/script/script_driver.h"

#include <algorithm>
#include <stdexcept>

#include "cps/exchange.h"
#include "kpd/script/script_visit.h"

namespace kpd {

using script::Answer;
using script::Visit;

void script::announce(Visit& visit) {
  if (visit.touched) return;
  visit.touched = true;
  visit.load.observer.before_irreversible(cps::event_of(visit.load));
}

Answer script::at_fault(Visit& visit, std::string why) {
  cps::end_load(visit.load, cps::LoadOutcome::script_failed, 0, std::move(why));
  return std::nullopt;
}

namespace {

using cps::Dialogue;
using cps::LoadOutcome;
using cps::LoadVisit;
using cps::Response;

constexpr std::uint16_t kNotFound = 0x6A82;

bool is_among(std::uint16_t status, const std::vector<std::uint16_t>& ok) {
  return std::ranges::find(ok, status) != ok.end();
}

Answer answer_of(const Response& response) {
  const cps::ByteView data = response.data();
  return ScriptAnswer{Bytes(data.begin(), data.end()), response.status()};
}

/// The value of a secret DGI as the card takes it.
Bytes for_card(Visit& visit, const ScriptSecret& secret) {
  const cps::Application& owner = visit.card.record.applications.at(secret.application);
  const cps::Dgi& dgi = owner.dgis.at(secret.dgi);
  const cps::TransportKeyUse& use = *cps::transport_key_of(owner, dgi.id);
  return visit.load.keys.rewrap(use.key_id, use.mode, dgi.value, *visit.channel);
}

/// The command with its data; nothing when the script asks for what cannot be.
std::optional<cps::Command> complete(Visit& visit, SendRequest& request) {
  cps::Command command = request.command;
  for (const ScriptData& part : request.parts) {
    const auto* secret = std::get_if<ScriptSecret>(&part);
    if (secret != nullptr && !visit.channel) {
      script::at_fault(visit, "a secret leaves for the card only while a channel is open");
      return std::nullopt;
    }
    emvcrypto::append(command.data,
                      secret != nullptr ? for_card(visit, *secret) : std::get<Bytes>(part));
  }
  const std::size_t room = request.secured ? visit.channel->room() : 255;
  if (command.data.size() > room) {
    script::at_fault(visit, "a command carries " + std::to_string(room) +
                                " bytes of data here, not " + std::to_string(command.data.size()));
    return std::nullopt;
  }
  return command;
}

Dialogue<Answer> send(Visit& visit, SendRequest request) {
  LoadVisit& load = visit.load;
  load.result.command = name_of(request);
  auto command = complete(visit, request);
  if (!command) co_return std::nullopt;
  script::announce(visit);
  Response response;
  if (request.secured) {
    auto sending = cps::exchange_secured(*visit.channel, *std::move(command), &load.result.apdus);
    auto answer = co_await sending;
    if (!answer) {
      cps::end_load(load, LoadOutcome::refused, 0, answer.error().reason);
      co_return std::nullopt;
    }
    response = *std::move(answer);
  } else {
    auto sending = cps::exchange(*std::move(command), &load.result.apdus);
    response = co_await sending;
  }
  if (!cps::answered(load, response)) co_return std::nullopt;
  if (request.any || is_among(response.status(), request.ok)) co_return answer_of(response);
  cps::end_load(load, LoadOutcome::refused, response.status());
  co_return std::nullopt;
}

Dialogue<Answer> transmit(Visit& visit, TransmitRequest request) {
  visit.load.result.command =
      "command " + emvcrypto::to_hex(emvcrypto::ByteView(request.command).first(4));
  script::announce(visit);
  const Response response = co_await cps::send_raw(std::move(request.command));
  ++visit.load.result.apdus;
  if (!cps::answered(visit.load, response)) co_return std::nullopt;
  co_return answer_of(response);
}

Dialogue<Answer> select(Visit& visit, SelectRequest request) {
  LoadVisit& load = visit.load;
  visit.channel.reset();
  load.aid = request.aid;
  load.result.command = "SELECT";
  auto selecting =
      cps::exchange({0x00, 0xA4, 0x04, 0x00, std::move(request.aid), 256}, &load.result.apdus);
  const Response response = co_await selecting;
  if (!cps::answered(load, response)) co_return std::nullopt;
  if (is_among(response.status(), request.ok)) co_return answer_of(response);
  cps::end_load(load,
                response.status() == kNotFound ? LoadOutcome::not_this_card : LoadOutcome::refused,
                response.status());
  co_return std::nullopt;
}

Dialogue<Answer> open(Visit& visit, OpenRequest request) {
  visit.channel.reset();
  auto beginning = cps::begin_session(
      visit.load, {request.role, request.key_version, visit.load.options.profile.icv_enciphered});
  try {
    visit.channel = co_await beginning;
  } catch (const std::invalid_argument& error) {  // no such role
    co_return script::at_fault(visit, error.what());
  }
  if (!visit.channel) co_return std::nullopt;
  auto authenticating = cps::authenticate(visit.load, *visit.channel, request.level);
  const bool authentic = co_await authenticating;
  if (!authentic) co_return std::nullopt;
  co_return ScriptAnswer{};
}

Dialogue<Answer> store(Visit& visit, StoreRequest request) {
  LoadVisit& load = visit.load;
  const auto plan =
      plan_request(request, load.record, load.options.profile, visit.channel->block_size());
  if (!plan) {
    cps::end_load(load, LoadOutcome::bad_record, 0, plan.error().reason);
    co_return std::nullopt;
  }
  load.application = request.application;
  auto storing = cps::store_dgis(load, plan->application, plan->commands, *visit.channel);
  const bool stored = co_await storing;
  if (!stored) co_return std::nullopt;
  ++load.result.applications;
  co_return ScriptAnswer{};
}

Dialogue<Answer> reset(Visit& visit, ResetRequest request) {
  visit.channel.reset();
  visit.load.result.command = request.how == cps::Reset::cold ? "cold reset" : "warm reset";
  Response atr = co_await cps::reset_card(request.how);
  if (!cps::answered(visit.load, atr)) co_return std::nullopt;
  co_return ScriptAnswer{std::move(atr.bytes)};
}

Dialogue<Answer> perform(Visit& visit, ScriptRequest request) {
  // One dialogue at a time: each alternative awaits its own.
  if (auto* one = std::get_if<SendRequest>(&request)) {
    auto working = send(visit, std::move(*one));
    co_return co_await working;
  }
  if (auto* one = std::get_if<TransmitRequest>(&request)) {
    auto working = transmit(visit, std::move(*one));
    co_return co_await working;
  }
  if (auto* one = std::get_if<SelectRequest>(&request)) {
    auto working = select(visit, std::move(*one));
    co_return co_await working;
  }
  if (auto* one = std::get_if<OpenRequest>(&request)) {
    auto working = open(visit, std::move(*one));
    co_return co_await working;
  }
  if (auto* one = std::get_if<PutKeyRequest>(&request)) {
    auto working = script::put_key(visit, std::move(*one));
    co_return co_await working;
  }
  if (auto* one = std::get_if<ResetRequest>(&request)) {
    auto working = reset(visit, *one);
    co_return co_await working;
  }
  if (const auto* one = std::get_if<CipherRequest>(&request))
    co_return script::encipher(visit, *one);
  auto working = store(visit, std::get<StoreRequest>(std::move(request)));
  co_return co_await working;
}

void end_by(const ScriptEnd& end, LoadVisit& load) {
  if (end.good) {
    load.result.command.clear();
    return;
  }
  const LoadOutcome outcome = end.by_record   ? LoadOutcome::bad_record
                              : end.by_script ? LoadOutcome::refused
                                              : LoadOutcome::script_failed;
  cps::end_load(load, outcome, 0, end.reason);
}

}  // namespace

Dialogue<cps::LoadResult> run_script(ScriptMachine& machine, const ScriptCard& card,
                                     const cps::LoadOptions& options, cps::KeyService& keys,
                                     cps::LoadObserver& observer) {
  if (auto failure = cps::check_macs(card.record, options, keys)) co_return *std::move(failure);
  Visit visit{card, {card.record, options, keys, observer, {}, {}}, nullptr};
  observer.before_first_apdu(card.record);
  machine.begin(card);
  ScriptAnswer answer;
  while (auto request = machine.resume(std::move(answer))) {
    auto working = perform(visit, *std::move(request));
    Answer got = co_await working;
    if (!got) co_return std::move(visit.load.result);
    answer = *std::move(got);
  }
  end_by(machine.end(), visit.load);
  co_return std::move(visit.load.result);
}

}  // namespace kpd

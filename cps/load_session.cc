#include "cps/exchange.h"
#include "cps/load_stage.h"

namespace cps {
namespace {

using emvcrypto::Scp02Session;

constexpr std::uint16_t kAuthenticationFailed = 0x6300, kSecurityStatus = 0x6982;
constexpr std::uint16_t kSecureObjectWrong = 0x6988, kNotFound = 0x6A82;
constexpr std::size_t kChallengeSize = 8;

LoadOutcome refusal_of_select(const Response& response) {
  return response.status() == kNotFound ? LoadOutcome::not_this_card : LoadOutcome::refused;
}

LoadOutcome refusal_of_host(const Response& response) {
  const std::uint16_t status = response.status();
  const bool keys_differ =
      status == kAuthenticationFailed || status == kSecurityStatus || status == kSecureObjectWrong;
  return keys_differ ? LoadOutcome::wrong_keys : LoadOutcome::refused;
}

/// INITIALIZE UPDATE and the check of the card's answer; no session when the card ends here.
Dialogue<std::unique_ptr<Scp02Session>> begin_session(LoadVisit& visit, const LoadStage& stage) {
  const CardProfile& profile = visit.options.profile;
  visit.result.command = "INITIALIZE UPDATE";
  const Bytes challenge = visit.keys.random(kChallengeSize);
  auto update =
      exchange({0x80, 0x50, profile.key_version, 0x00, challenge, 256}, &visit.result.apdus);
  const Response response = co_await update;
  std::unique_ptr<Scp02Session> session;
  if (!accepted(visit, stage, response, refusal_at_start(response))) co_return session;

  auto answer = emvcrypto::parse_initialize_update(response.data());
  if (!answer) {
    end_load(visit, stage, LoadOutcome::refused, response.status(), answer.error().reason);
    co_return session;
  }
  auto session_keys =
      visit.keys.scp02_keys(answer->key_data, answer->key_version, answer->sequence);
  session = std::make_unique<Scp02Session>(std::move(session_keys), *std::move(answer), challenge,
                                           profile.icv_enciphered);
  if (!session->card_is_genuine()) {
    end_load(visit, stage, LoadOutcome::wrong_keys, response.status(),
             "the card's cryptogram does not fit its keys as derived here");
    session.reset();
  }
  co_return session;
}

/// EXTERNAL AUTHENTICATE under the step's SECLEV.
Dialogue<bool> authenticate(LoadVisit& visit, const LoadStage& stage, Scp02Session& session) {
  visit.result.command = "EXTERNAL AUTHENTICATE";
  visit.observer.before_irreversible(event_of(visit, stage));
  auto authentication =
      exchange_raw(session.external_authenticate(stage.security_level), &visit.result.apdus);
  const Response response = co_await authentication;
  co_return accepted(visit, stage, response, refusal_of_host(response));
}

}  // namespace

Dialogue<bool> select_application(LoadVisit& visit, const LoadStage& stage) {
  visit.result.command = "SELECT";
  auto selection =
      exchange({0x00, 0xA4, 0x04, 0x00, stage.application.aid, 256}, &visit.result.apdus);
  const Response response = co_await selection;
  co_return accepted(visit, stage, response, refusal_of_select(response));
}

Dialogue<std::unique_ptr<Scp02Session>> open_session(LoadVisit& visit, const LoadStage& stage) {
  auto beginning = begin_session(visit, stage);
  std::unique_ptr<Scp02Session> session = co_await beginning;
  if (!session) co_return session;
  auto authentication = authenticate(visit, stage, *session);
  const bool authentic = co_await authentication;
  if (!authentic) session.reset();
  co_return session;
}

}  // namespace cps

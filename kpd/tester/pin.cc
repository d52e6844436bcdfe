#include "kpd/tester/pin.h"

#include <algorithm>
#include <utility>

#include "emvcrypto/pinblock.h"
#include "kpd/tester/compare.h"
#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Secret;

constexpr std::uint8_t kPlaintext = 0x80, kEnciphered = 0x88;  ///< P2 of VERIFY
constexpr std::uint8_t kLastTry = 1;
constexpr std::size_t kBlockOverhead = 17;  ///< header, PIN block, challenge (Book 2, 7.1)

/// What the CVM list (8E) offers.
struct OfferedMethods {
  bool plaintext = false, enciphered = false;
};

OfferedMethods offered_methods(ApplicationVisit& app) {
  OfferedMethods offered;
  const ByteView list = app.data.get(tags::kCvmList);
  if (list.empty()) return offered;
  if (list.size() < 10 || list.size() % 2 != 0) {
    app.find("pin.cvm-list", "it has " + std::to_string(list.size()) + " bytes");
    return offered;
  }
  for (std::size_t at = 8; at < list.size(); at += 2) {
    const int method = list[at] & 0x3F;  // Book 3, C3
    offered.plaintext |= method == 0x01 || method == 0x03;
    offered.enciphered |= method == 0x04 || method == 0x05;
  }
  return offered;
}

/// The PIN tries that are left (GET DATA 9F17); nothing, with a finding, when the card does not
/// say.
cps::Dialogue<std::optional<std::uint8_t>> tries_left(ApplicationVisit& app) {
  cps::Command command{0x80, 0xCA, 0x9F, 0x17, {}, 256};
  auto sending = transact(app.card, "GET DATA 9F17", std::move(command));
  const cps::Response response = co_await sending;
  if (app.card.gone) co_return std::nullopt;
  const auto tries = answered(response) ? emvcrypto::find_tlv(response.data(), tags::kPinTryCounter)
                                        : std::nullopt;
  if (tries && tries->size() == 1) co_return tries->front();
  app.find("pin.tries", cps::status_text(response.status()), "GET DATA 9F17");
  co_return std::nullopt;
}

/// Whether a try may be spent. Says why not.
cps::Dialogue<bool> may_try(ApplicationVisit& app) {
  auto asking = tries_left(app);
  const auto tries = co_await asking;
  if (!tries) co_return false;
  if (*tries <= kLastTry) {
    app.find("pin.last-try", std::to_string(*tries) + " tries left");
    co_return false;
  }
  co_return true;
}

/// One VERIFY.
cps::Dialogue<bool> verify(ApplicationVisit& app, std::uint8_t how, Secret data) {
  const bool plain = how == kPlaintext;
  const ByteView exposed = data.expose();
  cps::Command command{0x00, 0x20, 0x00, how, {exposed.begin(), exposed.end()}, std::nullopt};
  auto sending = transact(app.card, plain ? "VERIFY plaintext PIN" : "VERIFY enciphered PIN",
                          std::move(command));
  const cps::Response response = co_await sending;
  if (app.card.gone) co_return false;
  const bool right = answered(response);
  (plain ? app.report.plaintext_pin : app.report.enciphered_pin) =
      right ? Outcome::passed : Outcome::failed;
  if (right)
    app.terminal.set(tags::kCvmResults,
                     {static_cast<std::uint8_t>(plain ? 0x01 : 0x04), 0x00, 0x02});
  else
    app.find(plain ? "pin.plain" : "pin.enciphered", cps::status_text(response.status()), "VERIFY");
  co_return right;
}

/// Whether a block of 7F.. is below this modulus and one command can carry it.
bool can_encipher(const emvcrypto::RsaPublicKey& key) {
  return key.size() > kBlockOverhead && key.size() <= 255 && key.modulus.front() >= 0x80;
}

/// GET CHALLENGE, then the PIN enciphered under the PIN key, or under the ICC's key where the card
/// has no PIN key (Book 2, 7.1).
cps::Dialogue<bool> verify_enciphered(ApplicationVisit& app, Secret pin_block) {
  const auto& key = app.data.has(tags::kPinCertificate) ? app.pin_key : app.icc_key;
  if (!key || !can_encipher(*key)) {
    app.report.enciphered_pin = Outcome::failed;
    app.find("pin.enciphered", "no certificate gave a key to encipher the PIN with");
    co_return false;
  }
  cps::Command command{0x00, 0x84, 0x00, 0x00, {}, 256};
  auto sending = transact(app.card, "GET CHALLENGE", std::move(command));
  const cps::Response challenge = co_await sending;
  if (app.card.gone) co_return false;
  if (!answered(challenge) || challenge.data().size() != 8) {
    app.report.enciphered_pin = Outcome::failed;
    app.find("pin.enciphered", cps::status_text(challenge.status()), "GET CHALLENGE");
    co_return false;
  }
  const Bytes fill = app.card.request.ports.random(key->size() - kBlockOverhead);
  const Secret block =
      emvcrypto::pin_encipherment_block(pin_block, challenge.data(), fill, key->size());
  auto verifying = verify(app, kEnciphered, Secret(emvcrypto::rsa_recover(*key, block.expose())));
  const bool right = co_await verifying;
  co_return right;
}

}  // namespace

cps::Dialogue<bool> verify_pin(ApplicationVisit& app) {
  const auto& request = app.card.request;
  const PinTests wanted = request.profile.test;
  if ((!wanted.plaintext && !wanted.enciphered) || !request.ports.pin) co_return true;
  const OfferedMethods offered = offered_methods(app);
  const bool plaintext = wanted.plaintext && offered.plaintext;
  const bool enciphered = wanted.enciphered && offered.enciphered;
  if (!plaintext && !enciphered) co_return true;
  const auto pin_block = request.ports.pin(app.target.aid, app.data.pan());
  if (!pin_block) co_return true;

  if (plaintext) {
    auto asking = may_try(app);
    const bool allowed = co_await asking;
    if (!allowed) co_return !app.card.gone;
    auto verifying = verify(app, kPlaintext, pin_block->duplicate());
    const bool right = co_await verifying;
    if (!right) co_return !app.card.gone;
  }
  if (enciphered) {
    auto asking = may_try(app);
    const bool allowed = co_await asking;
    if (!allowed) co_return !app.card.gone;
    auto verifying = verify_enciphered(app, pin_block->duplicate());
    const bool right = co_await verifying;
    if (!right) co_return !app.card.gone;
  }
  auto asking = tries_left(app);
  const auto tries = co_await asking;
  if (tries) compare_pin_limit(app, *tries);
  co_return !app.card.gone;
}

}  // namespace kpd::tester

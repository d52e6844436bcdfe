// channel.put_key: a set of channel keys for the card.
#include <array>
#include <stdexcept>

#include "kpd/script/script_visit.h"

namespace kpd::script {
namespace {

using cps::LoadOutcome;

constexpr std::size_t kAesBlock = 16;
constexpr std::uint8_t kTypeDes = 0x80, kTypeAes = 0x88;
constexpr std::uint8_t kSeveralKeys = 0x80;  // P2, before the first key's identifier
constexpr std::array kKeys{emvcrypto::CardKey::enc, emvcrypto::CardKey::mac,
                           emvcrypto::CardKey::dek};

void append_field(Bytes& to, ByteView value) {
  to.push_back(static_cast<std::uint8_t>(value.size()));
  emvcrypto::append(to, value);
}

/// One key's data field (GlobalPlatform Card Specification 2.3, 11.8.2.3): type | length | key |
/// length | check value. AES: the key's own length stands before it (Amendment D, 7.2).
void append_key(Bytes& to, const cps::CardKeyField& key, bool aes) {
  to.push_back(aes ? kTypeAes : kTypeDes);
  Bytes value = key.enciphered;
  if (aes) value.insert(value.begin(), static_cast<std::uint8_t>(key.size));
  append_field(to, value);
  append_field(to, key.check_value);
}

/// The command's data and what the card should answer: new version | three check values.
struct NewKeys {
  Bytes data, answer;
};

NewKeys new_keys(Visit& visit, const PutKeyRequest& request) {
  const Bytes& key_data =
      request.keys.key_data.empty() ? visit.load.key_data : request.keys.key_data;
  NewKeys keys{{request.new_version}, {request.new_version}};
  for (const emvcrypto::CardKey which : kKeys) {
    const cps::CardKeyField key =
        visit.load.keys.key_for_card(request.keys.role, key_data, which, *visit.channel);
    append_key(keys.data, key, visit.channel->block_size() == kAesBlock);
    emvcrypto::append(keys.answer, key.check_value);
  }
  return keys;
}

}  // namespace

cps::Dialogue<Answer> put_key(Visit& visit, PutKeyRequest request) {
  cps::LoadVisit& load = visit.load;
  load.result.command = "PUT KEY";
  NewKeys keys;
  try {
    keys = new_keys(visit, request);
  } catch (const std::invalid_argument& error) {
    co_return at_fault(visit, error.what());
  }
  if (keys.data.size() > visit.channel->room())
    co_return at_fault(visit, "these keys are longer than a command under this security level");
  load.observer.before_irreversible(cps::event_of(load));
  visit.touched = true;
  const auto p2 = static_cast<std::uint8_t>(kSeveralKeys | request.id);
  auto sending = cps::exchange_secured(
      *visit.channel, {0x80, 0xD8, request.version, p2, keys.data, 256}, &load.result.apdus);
  const auto answer = co_await sending;
  if (!answer) {
    cps::end_load(load, LoadOutcome::refused, 0, answer.error().reason);
    co_return std::nullopt;
  }
  if (!cps::accepted(load, *answer, LoadOutcome::refused)) co_return std::nullopt;
  const ByteView told = answer->data();
  if (Bytes(told.begin(), told.end()) != keys.answer) {
    cps::end_load(load, LoadOutcome::refused, answer->status(),
                  "the card took keys of other check values than those sent: do not use it");
    co_return std::nullopt;
  }
  co_return ScriptAnswer{};
}

}  // namespace kpd::script

/// PUT KEY (GlobalPlatform Card Specification 2.3, 11.8): another set of channel keys.
#include <algorithm>

#include "kpd/chip/aes.h"
#include "kpd/chip/card_manager.h"
#include "kpd/chip/des.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kThreeKeysFromOne = 0x81;  // P2
constexpr std::uint8_t kLastVersion = 0x7F;
constexpr std::uint8_t kTypeDes = 0x80;
constexpr std::uint8_t kTypeAes = 0x88;
constexpr std::size_t kCheckValue = 3;

/// Takes so many bytes from the front; nothing when there are fewer.
std::optional<ByteView> take(ByteView& rest, std::size_t size) {
  if (rest.size() < size) return std::nullopt;
  const ByteView taken = rest.first(size);
  rest = rest.subspan(size);
  return taken;
}

/// Takes a length byte and what it counts.
std::optional<ByteView> take_field(ByteView& rest) {
  const auto length = take(rest, 1);
  return length ? take(rest, length->front()) : std::nullopt;
}

}  // namespace

/// P1 00 adds a set, another P1 (FF: K(IC)) replaces the set of that version. Data: version | three
/// times type | length | key under the channel's DEK | 03 | check value. Answers version | the
/// check values. Nothing changes unless all three are right.
Answer CardManager::put_key(const Command& command, const CardChannel& channel) {
  const bool known_version = command.p1 <= kLastVersion || command.p1 == kFactoryVersion;
  if (command.p2 != kThreeKeysFromOne || !known_version) return sw::wrong_parameters;
  KeySet* const old = command.p1 == 0 ? nullptr : content_.find_keys(command.p1);
  if (command.p1 != 0 && old == nullptr) return sw::data_not_found;
  ByteView rest = command.data;
  const auto version = take(rest, 1);
  if (!version || version->front() == 0 || version->front() > kLastVersion) return sw::wrong_data;
  const KeySet* const holder = content_.find_keys(version->front());
  if (holder != nullptr && holder != old) return sw::wrong_data;
  auto enc = take_key(rest, channel);
  auto mac = enc ? take_key(rest, channel) : std::nullopt;
  auto dek = mac ? take_key(rest, channel) : std::nullopt;
  if (!dek || !rest.empty() || mac->size() != enc->size() || dek->size() != enc->size())
    return sw::wrong_data;
  Bytes answer{version->front()};
  for (const Secret* key : {&*enc, &*mac, &*dek})
    emvcrypto::append(
        answer, channel.block_size() == kAesBlock ? aes::check_value(*key) : check_value(*key));
  KeySet fresh{version->front(), {std::move(*enc), std::move(*mac), std::move(*dek)}, 0};
  if (old == nullptr)
    content_.keys.push_back(std::move(fresh));
  else
    *old = std::move(fresh);
  return Answer(std::move(answer));
}

/// One key with its check value. 3DES: type 80, 16 bytes enciphered. AES (Amendment D, 7.2): type
/// 88, a byte that says how long the key is, then whole blocks enciphered that begin with it.
std::optional<Secret> CardManager::take_key(ByteView& rest, const CardChannel& channel) const {
  const bool is_aes = channel.block_size() == kAesBlock;
  const auto type = take(rest, 1);
  auto field = take_field(rest);
  const auto check = take_field(rest);
  if (!type || type->front() != (is_aes ? kTypeAes : kTypeDes) || !field || !check ||
      check->size() != kCheckValue)
    return std::nullopt;
  std::size_t size = 16;
  if (is_aes) {
    const auto told = take(*field, 1);
    if (!told) return std::nullopt;
    size = told->front();
    if (size != 16 && size != 24 && size != 32) return std::nullopt;
  }
  const std::size_t blocks = (size + channel.block_size() - 1) / channel.block_size();
  if (field->size() != blocks * channel.block_size()) return std::nullopt;
  const Secret clear = channel.decipher(*field);
  Secret key(clear.expose().first(size));
  const Bytes expected = is_aes ? aes::check_value(key) : check_value(key);
  if (!same_bytes(expected, *check)) return std::nullopt;
  return key;
}

}  // namespace kpd::chip

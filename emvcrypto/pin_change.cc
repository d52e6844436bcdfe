// The PIN block and the command of PIN CHANGE.
#include <algorithm>
#include <stdexcept>

#include "emvcrypto/nibbles.h"
#include "emvcrypto/pinblock.h"
#include "emvcrypto/script.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kMac = 8;

void require(bool fits, const char* what) {
  if (!fits) throw std::invalid_argument(what);
}

bool is_pin(const Secret& pin) {
  return pin.size() >= kMinPin && pin.size() <= kMaxPin &&
         std::ranges::all_of(pin.expose(), [](std::uint8_t c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Secret pin_change_block(const Secret& udk_ac, const Secret& new_pin, const Secret* present_pin) {
  require(udk_ac.size() == 16, "a card's AC key has 16 bytes");
  Secret block = pin_block_2(new_pin);
  const MutableBytes out = block.expose_mutable();
  out[0] &= 0x0F;  // no control digit
  for (std::size_t i = kBlock / 2; i < kBlock; ++i) out[i] ^= udk_ac.expose()[i];
  if (present_pin != nullptr) {
    require(is_pin(*present_pin), "a PIN has 4 to 12 digits");
    for (std::size_t i = 0; i < present_pin->size(); ++i)
      set_nibble(out, i, nibble(out, i) ^ (present_pin->expose()[i] & 0x0FU));
  }
  return block;
}

Bytes pin_change_command(const PinChange& change, const RetailMacKey& session_smi,
                         BlockCipher& session_smc) {
  require(change.rules != nullptr && change.new_pin != nullptr, "a PIN change lacks rules or PIN");
  const bool bound = change.rules->pin_block == PinChangeBlock::bound_to_key;
  require(!bound || change.udk_ac != nullptr, "the PIN block is bound to the card's AC key");
  require(bound || change.present_pin == nullptr, "the PIN block does not hold the present PIN");
  const Secret block = bound ? pin_change_block(*change.udk_ac, *change.new_pin, change.present_pin)
                             : pin_block_2(*change.new_pin);
  const Bytes data = encipher_script_data(session_smc, block, change.rules->encipherment);
  const std::uint8_t p2 = change.present_pin != nullptr ? 0x01 : 0x02;
  const Bytes header{0x84, 0x24, 0x00, p2, static_cast<std::uint8_t>(data.size() + kMac)};
  const Bytes mac =
      script_mac(session_smi, header, change.atc, change.application_cryptogram, data, kMac);
  return concat({header, data, mac});
}

}  // namespace emvcrypto

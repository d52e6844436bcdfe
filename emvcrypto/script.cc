#include "emvcrypto/script.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/cryptogram.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kKey = 16;
constexpr std::size_t kHeader = 5;

void require(bool fits, const char* what) {
  if (!fits) throw std::invalid_argument(what);
}

/// The master key with counter and complement in the ends of its halves.
Secret counted_key(const Secret& master_key, ByteView atc) {
  Secret key = master_key.duplicate();
  const MutableBytes bytes = key.expose_mutable();
  for (std::size_t i = 0; i < atc.size(); ++i) {
    bytes[kBlock - atc.size() + i] ^= atc[i];
    bytes[kKey - atc.size() + i] ^= static_cast<std::uint8_t>(~atc[i]);
  }
  set_odd_parity(bytes);
  return key;
}

/// What is enciphered for `data`, padded as the rule says.
Secret padded(const Secret& data, ScriptEncipherment encipherment) {
  const std::size_t prefix = encipherment == ScriptEncipherment::length_first ? 1 : 0;
  const std::size_t size = prefix + data.size();
  const bool pad = encipherment != ScriptEncipherment::whole_blocks || size % kBlock != 0;
  Secret blocks(pad ? size / kBlock * kBlock + kBlock : size);
  const MutableBytes out = blocks.expose_mutable();
  if (prefix > 0) out[0] = static_cast<std::uint8_t>(data.size());
  std::ranges::copy(data.expose(), out.subspan(prefix).begin());
  if (pad) out[size] = 0x80;
  return blocks;
}

}  // namespace

Secret derive_script_key(const Secret& master_key, ScriptKeyRule rule, ByteView atc,
                         ByteView application_cryptogram) {
  require(master_key.size() == kKey, "a card's master key has 16 bytes");
  if (rule == ScriptKeyRule::cryptogram)
    return derive_session_key(master_key, script_key_input(application_cryptogram));
  require(atc.size() == 2, "an ATC has 2 bytes");
  return counted_key(master_key, atc);
}

Bytes script_mac(const RetailMacKey& session_smi, ByteView header, ByteView atc,
                 ByteView application_cryptogram, ByteView data, std::size_t length) {
  require(header.size() == kHeader && atc.size() == 2 && application_cryptogram.size() == kBlock,
          "header, ATC and AC have 5, 2 and 8 bytes");
  require(length >= 4 && length <= kBlock, "a script's MAC has 4 to 8 bytes");
  Bytes mac =
      retail_mac(session_smi, pad_80(concat({header, atc, application_cryptogram, data}), kBlock));
  mac.resize(length);
  return mac;
}

Bytes encipher_script_data(BlockCipher& session_smc, const Secret& data,
                           ScriptEncipherment encipherment) {
  require(session_smc.block_size() == kBlock, "scripts are under a 3DES key");
  require(!data.empty() && data.size() <= 0xFF, "a script enciphers 1 to 255 bytes");
  Secret blocks = padded(data, encipherment);
  if (encipherment == ScriptEncipherment::length_first)
    session_smc.encrypt(blocks.expose_mutable());
  else
    session_smc.encrypt_cbc(blocks.expose_mutable());
  return Bytes(blocks.expose().begin(), blocks.expose().end());
}

}  // namespace emvcrypto

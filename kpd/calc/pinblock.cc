// PIN blocks of ISO 9564-1, formats 0 to 4.
#include <fmt/format.h>

#include "emvcrypto/pin_translation.h"
#include "emvcrypto/pinblock_aes.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

constexpr int kAesFormat = 4;
constexpr Parameter kPan = pan().sized(12, 19).optional();
constexpr Parameter kRandom =
    hex("random", "Fill of formats 1, 3 and 4 (default: drawn)").sized(10, 16).optional();
constexpr Parameter kKey =
    key("key", "PIN encipherment key: 3DES of 16 or 24 bytes, AES for format 4").sized(16, 32, 8);

int format_of(const Arguments& arguments, std::string_view name) {
  return arguments.text(name).at(0) - '0';
}

bool wants_pan(int format) {
  return format == 0 || format == 3 || format == kAesFormat;
}

/// The PAN of a format that is bound to one; empty for the others.
Expected<std::string> pan_for(int format, const Arguments& arguments) {
  if (!wants_pan(format)) return std::string();
  if (!arguments.has("pan"))
    return usage(fmt::format("missing: pan, which format {} is bound to", format));
  return arguments.text("pan");
}

std::unique_ptr<emvcrypto::BlockCipher> cipher_for(int format, const Secret& key) {
  return format == kAesFormat ? emvcrypto::make_aes(key.expose())
                              : emvcrypto::make_des(key.expose());
}

KeyType type_for(int format) {
  return format == kAesFormat ? KeyType::aes : KeyType::des;
}

/// Enciphers a clear block; of format 4 the PIN field with the PAN field.
Bytes encipher(int format, const Secret& clear, const std::string& pan, const Secret& key) {
  Secret block = clear.duplicate();
  const auto cipher = cipher_for(format, key);
  if (format == kAesFormat)
    emvcrypto::encipher_fields_4(*cipher, block.expose_mutable(), emvcrypto::pan_field_4(pan));
  else
    cipher->encrypt(block.expose_mutable());
  const ByteView view = block.expose();
  return Bytes(view.begin(), view.end());
}

/// The PIN of a block, enciphered unless there is no key.
Expected<Secret> pin_of(int format, const Secret& block, const std::string& pan,
                        const Secret* key) {
  if (block.size() != (format == kAesFormat ? 16U : 8U))
    return usage(fmt::format("block: a block of format {} has {} bytes", format,
                             format == kAesFormat ? 16 : 8));
  Secret clear = block.duplicate();
  if (key != nullptr) {
    const auto cipher = cipher_for(format, *key);
    if (format == kAesFormat)
      emvcrypto::decipher_fields_4(*cipher, clear.expose_mutable(), emvcrypto::pan_field_4(pan));
    else
      cipher->decrypt(clear.expose_mutable());
  }
  return emvcrypto::read_any_pin_block({format, std::move(clear)}, pan);
}

constexpr std::array kEncodeParameters{choice("format", "0 1 2 3 4", "Format of the block"), pin(),
                                       kPan, kKey.optional(), kRandom};

Done encode(const Arguments& arguments, Result& result) {
  const int format = format_of(arguments, "format");
  const auto pan = pan_for(format, arguments);
  if (!pan) return tl::unexpected(pan.error());
  const Secret clear = emvcrypto::make_pin_block(format, arguments.secret("pin"), *pan,
                                                 arguments.random("random", 10))
                           .block;
  result.secret(format == kAesFormat ? "pin_field" : "clear_block", clear, true);
  if (format == kAesFormat)
    result.pan("pan_field", emvcrypto::to_hex(emvcrypto::pan_field_4(*pan)));
  if (!arguments.has("key")) return {};
  result.check_value("key", arguments.secret("key"), type_for(format));
  result.hex("block", encipher(format, clear, *pan, arguments.secret("key")));
  return {};
}

constexpr std::array kDecodeParameters{
    choice("format", "0 1 2 3 4", "Format of the block"),
    hex("block", "PIN block: enciphered where there is a key, else in clear").sized(8, 16, 8), kPan,
    kKey.optional()};

Done decode(const Arguments& arguments, Result& result) {
  const int format = format_of(arguments, "format");
  const auto pan = pan_for(format, arguments);
  if (!pan) return tl::unexpected(pan.error());
  const Secret* key = arguments.has("key") ? &arguments.secret("key") : nullptr;
  if (key == nullptr && !result.shows_secrets())
    return usage("block: a PIN block in clear is taken with --clear-test-keys alone, for tests");
  if (key != nullptr) result.check_value("key", *key, type_for(format));
  const auto pin = pin_of(format, Secret(arguments.bytes("block")), *pan, key);
  if (!pin) return tl::unexpected(pin.error());
  result.secret("pin", *pin, false);
  result.number("pin_length", pin->size());
  return {};
}

constexpr std::array kTranslateParameters{
    choice("from", "0 1 2 3 4", "Format that the block has"),
    choice("to", "0 1 2 3 4", "Format that it gets"),
    hex("block", "Enciphered PIN block").sized(8, 16, 8),
    kKey,
    key("to-key", "Key of the new block (default: the same)").sized(16, 32, 8).optional(),
    kPan,
    pan().sized(12, 19).optional().called("to-pan", "PAN of the new block (default: the same)"),
    kRandom};

Done translate(const Arguments& arguments, Result& result) {
  const int from = format_of(arguments, "from");
  const int to = format_of(arguments, "to");
  const auto pan = pan_for(from, arguments);
  if (!pan) return tl::unexpected(pan.error());
  Expected<std::string> to_pan = std::string();
  if (wants_pan(to) && arguments.has("to-pan"))
    to_pan = arguments.text("to-pan");
  else
    to_pan = pan_for(to, arguments);
  if (!to_pan) return tl::unexpected(to_pan.error());
  if (!arguments.has("to-key") && (from == kAesFormat) != (to == kAesFormat))
    return usage("missing: to-key; format 4 is under AES, the others under 3DES");
  const Secret& key = arguments.secret("key");
  const Secret& to_key = arguments.has("to-key") ? arguments.secret("to-key") : key;
  const ByteView block = arguments.bytes("block");
  const auto pin = pin_of(from, Secret(block), *pan, &key);
  if (!pin) return tl::unexpected(pin.error());
  result.check_value("key", key, type_for(from));
  result.check_value("to_key", to_key, type_for(to));
  const Secret clear =
      emvcrypto::make_pin_block(to, *pin, *to_pan, arguments.random("random", 10)).block;
  result.hex("block", encipher(to, clear, *to_pan, to_key));
  return {};
}

}  // namespace

constinit const Function kPinblockEncode{
    "pinblock encode", "PIN block of a PIN, in clear and enciphered", kEncodeParameters,
    "--format 4 --pin 1234 --pan 1234567890123456789 --key 00112233445566778899AABBCCDDEEFF "
    "--random FFFFFFFFFFFFFFFFFFFF --clear-test-keys",
    encode};
constinit const Function kPinblockDecode{
    "pinblock decode", "PIN of a PIN block", kDecodeParameters,
    "--format 0 --block 041261AAAAEDCBA9 --pan 5555555551234567 --clear-test-keys", decode};
constinit const Function kPinblockTranslate{
    "pinblock translate", "Enciphered PIN block to another format or key", kTranslateParameters,
    "--from 4 --to 0 --block 28B41FDDD29B743E93124BD8E32D921E --pan 1234567890123456789 "
    "--key 00112233445566778899AABBCCDDEEFF --to-key 0123456789ABCDEFFEDCBA9876543210 "
    "--clear-test-keys",
    translate};

}  // namespace kpd::calc

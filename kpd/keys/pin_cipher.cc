#include "kpd/keys/pin_cipher.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/pinblock.h"
#include "emvcrypto/pinblock_aes.h"
#include "kpd/keys/hsm_cipher.h"

namespace kpd {
namespace {

constexpr int kAesFormat = 4;
constexpr std::size_t kRandomForOne = 16;

bool fits(hsm::KeyType type, int format) {
  if (format == kAesFormat) return type == hsm::KeyType::aes;
  return (format == 0 || format == 1 || format == 3) &&
         (type == hsm::KeyType::des2 || type == hsm::KeyType::des3);
}

void append_pan_field(hsm::Bytes& to, int format, std::string_view pan) {
  if (format == kAesFormat) emvcrypto::append(to, emvcrypto::pan_field_4(pan));
}

}  // namespace

PinCipher::PinCipher(std::shared_ptr<hsm::Token> token, hsm::Key key, int format)
    : token_(std::move(token)), key_(std::move(key)), format_(format) {
  if (!key_ || !fits(key_.type(), format_))
    throw std::invalid_argument("PIN blocks are of format 0, 1 or 3 under 3DES or 4 under AES");
}

void PinCipher::encipher(hsm::MutableBytes blocks, hsm::ByteView pan_fields) {
  HsmCipher cipher(token_, key_);
  if (format_ == kAesFormat)
    emvcrypto::encipher_fields_4(cipher, blocks, pan_fields);
  else
    cipher.encrypt(blocks);
}

void PinCipher::decipher(hsm::MutableBytes blocks, hsm::ByteView pan_fields) {
  HsmCipher cipher(token_, key_);
  if (format_ == kAesFormat)
    emvcrypto::decipher_fields_4(cipher, blocks, pan_fields);
  else
    cipher.decrypt(blocks);
}

std::vector<emvcrypto::Expected<hsm::Secret>> PinCipher::open(std::span<const Block> blocks) {
  if (blocks.empty()) return {};
  // A block of another length leaves its place empty, and is told below.
  const std::size_t size = pin_block_size(format_);
  hsm::Secret clear(size * blocks.size());
  hsm::Bytes pan_fields;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].value.size() == size)
      std::ranges::copy(blocks[i].value, clear.expose_mutable().subspan(size * i).begin());
    append_pan_field(pan_fields, format_, blocks[i].pan);
  }
  decipher(clear.expose_mutable(), pan_fields);

  std::vector<emvcrypto::Expected<hsm::Secret>> pins;
  pins.reserve(blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const hsm::Secret block(clear.expose().subspan(size * i, size));
    if (blocks[i].value.size() != size)
      pins.push_back(emvcrypto::fault("pin-format", "the PIN block has another length"));
    else if (format_ == kAesFormat)
      pins.push_back(emvcrypto::read_pin_field_4(block));
    else
      pins.push_back(emvcrypto::read_pin_block(format_, block, blocks[i].pan));
  }
  return pins;
}

std::vector<hsm::Bytes> PinCipher::seal(std::span<const Pin> pins) {
  if (pins.empty()) return {};
  const std::size_t size = pin_block_size(format_);
  const hsm::Secret random = token_->random_secret(kRandomForOne * pins.size());
  hsm::Secret blocks(size * pins.size());
  hsm::Bytes pan_fields;
  for (std::size_t i = 0; i < pins.size(); ++i) {
    const hsm::ByteView fill = random.expose().subspan(kRandomForOne * i, kRandomForOne);
    const hsm::Secret block = format_ == kAesFormat
                                  ? emvcrypto::pin_field_4(*pins[i].digits, fill)
                                  : clear_pin_block(format_, *pins[i].digits, pins[i].pan, fill);
    std::ranges::copy(block.expose(), blocks.expose_mutable().subspan(size * i).begin());
    append_pan_field(pan_fields, format_, pins[i].pan);
  }
  encipher(blocks.expose_mutable(), pan_fields);
  std::vector<hsm::Bytes> sealed;
  sealed.reserve(pins.size());
  for (std::size_t i = 0; i < pins.size(); ++i) {
    const hsm::ByteView block = blocks.expose().subspan(size * i, size);
    sealed.emplace_back(block.begin(), block.end());
  }
  return sealed;
}

hsm::Secret clear_pin_block(int format, const hsm::Secret& pin, std::string_view pan,
                            hsm::ByteView random) {
  switch (format) {
    case 0:
      return emvcrypto::pin_block_0(pin, pan);
    case 1:
      return emvcrypto::pin_block_1(pin, random);
    case 2:
      return emvcrypto::pin_block_2(pin);
    case 3:
      return emvcrypto::pin_block_3(pin, pan, random);
    default:
      throw std::invalid_argument("clear PIN blocks are of format 0 to 3");
  }
}

}  // namespace kpd

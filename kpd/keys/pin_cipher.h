/// PIN blocks under a key of the device, many cards a call.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "emvcrypto/fault.h"
#include "hsm/token.h"

namespace kpd {

/// Bytes of a PIN block: 16 in format 4, else 8.
constexpr std::size_t pin_block_size(int format) {
  return format == 4 ? 16 : 8;
}

/// Opens and makes enciphered PIN blocks of one ISO 9564-1 format. The PINs are in this process for
/// as long as their holders keep them: whoever calls has opened the host window "pins".
class PinCipher {
 public:
  /// format: 0, 1 or 3 with a double- or triple-length DES key, 4 with an AES key;
  /// std::invalid_argument otherwise.
  PinCipher(std::shared_ptr<hsm::Token> token, hsm::Key key, int format);

  /// An enciphered block and the PAN that it may be bound to.
  struct Block {
    hsm::Bytes value;
    std::string_view pan;
  };
  /// The PIN (ASCII digits) of each block. Faults "pin-format" (also for a wrong length),
  /// "pin-length" and "pin-block"; a fault of one block leaves the others alone.
  std::vector<emvcrypto::Expected<hsm::Secret>> open(std::span<const Block> blocks);

  /// A clear PIN and the PAN to bind it to.
  struct Pin {
    const hsm::Secret* digits = nullptr;
    std::string_view pan;
  };
  /// Enciphered blocks; their fill is random.
  std::vector<hsm::Bytes> seal(std::span<const Pin> pins);

 private:
  void encipher(hsm::MutableBytes blocks, hsm::ByteView pan_fields);
  void decipher(hsm::MutableBytes blocks, hsm::ByteView pan_fields);

  std::shared_ptr<hsm::Token> token_;
  hsm::Key key_;
  int format_;
};

/// The clear block of a PIN in format 0, 1, 2 or 3. random: at least 10 bytes, for the fill of
/// formats 1 and 3.
hsm::Secret clear_pin_block(int format, const hsm::Secret& pin, std::string_view pan,
                            hsm::ByteView random);

}  // namespace kpd

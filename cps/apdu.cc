#include "cps/apdu.h"

#include <array>
#include <stdexcept>

namespace cps {
namespace {

struct StatusWord {
  std::uint16_t value;
  const char* meaning;
};

// ISO/IEC 7816-4, GlobalPlatform Card Specification 2.3 Table 11-10 and EMV CPS status words.
constexpr std::array kStatusWords{
    StatusWord{0x9000, "done"},
    StatusWord{0x6283, "selected file or application is blocked"},
    StatusWord{0x6300, "authentication failed"},
    StatusWord{0x6400, "execution error, nothing changed"},
    StatusWord{0x6581, "memory failure"},
    StatusWord{0x6700, "wrong length"},
    StatusWord{0x6882, "secure messaging not supported"},
    StatusWord{0x6982, "security status not satisfied"},
    StatusWord{0x6983, "authentication method blocked"},
    StatusWord{0x6984, "reference data blocked or challenge not usable"},
    StatusWord{0x6985, "conditions of use not satisfied"},
    StatusWord{0x6987, "secure messaging object missing"},
    StatusWord{0x6988, "secure messaging object wrong"},
    StatusWord{0x6A80, "wrong data"},
    StatusWord{0x6A81, "function not supported, or card blocked"},
    StatusWord{0x6A82, "file or application not found"},
    StatusWord{0x6A83, "record not found"},
    StatusWord{0x6A84, "not enough memory"},
    StatusWord{0x6A86, "wrong P1 P2"},
    StatusWord{0x6A88, "referenced data not found"},
    StatusWord{0x6D00, "instruction not supported"},
    StatusWord{0x6E00, "class not supported"},
    StatusWord{0x6F00, "no precise diagnosis"},
};

}  // namespace

Bytes Command::encode() const {
  if (data.size() > 255) throw std::length_error("a short APDU carries at most 255 bytes");
  Bytes bytes = header();
  if (!data.empty()) {
    bytes.push_back(static_cast<std::uint8_t>(data.size()));
    emvcrypto::append(bytes, data);
  }
  if (expected) bytes.push_back(static_cast<std::uint8_t>(*expected & 0xFF));
  return bytes;
}

std::string status_text(std::uint16_t status) {
  Bytes value;
  emvcrypto::append_number(value, status, 2);
  std::string text = emvcrypto::to_hex(value);
  for (const StatusWord& word : kStatusWords)
    if (word.value == status) return text + " " + word.meaning;
  if ((status & 0xFFF0) == 0x63C0)
    return text + " wrong, tries left: " + std::to_string(status & 0x0F);
  return text;
}

}  // namespace cps

/// Issuer authentication (EMV 4.4 Book 2, 8.2; Book 3, 6.5.4).
#include <algorithm>

#include "kpd/chip/des.h"
#include "kpd/chip/payment_application.h"

namespace kpd::chip {
namespace {

using Issuer = Transaction::IssuerAuthentication;

constexpr std::uint8_t kAipExternalAuthenticate = 0x04;  // AIP byte 1
constexpr std::size_t kLongestMethod2 = 16;
constexpr std::size_t kMethod2Minimum = 8;         // ARPC(4) | CSU(4)
constexpr std::uint8_t kCsuHasProprietary = 0x80;  // byte 1
constexpr std::uint8_t kCsuBlockCard = 0x40;       // byte 2
constexpr std::uint8_t kCsuBlockApplication = 0x20;
constexpr std::uint8_t kCsuUpdateTries = 0x10;

bool is_all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

}  // namespace

/// EXTERNAL AUTHENTICATE: once a transaction, after an ARQC, when the AIP offers it; 6300 when the
/// issuer fails.
Answer PaymentApplication::external_authenticate(const Command& command) {
  if (command.p1p2() != 0) return sw::wrong_parameters;
  if (tx_.stage != Transaction::Stage::online || tx_.issuer != Issuer::none ||
      (data_.aip[0] & kAipExternalAuthenticate) == 0)
    return sw::conditions;
  if (command.data.size() < 8 || command.data.size() > 16) return sw::wrong_length;
  return authenticate_issuer(command.data) ? sw::ok : sw::authentication_failed;
}

/// Issuer authentication data (tag 91) that came in CDOL2, unless EXTERNAL AUTHENTICATE came
/// before. All zeros is a terminal that had none.
void PaymentApplication::authenticate_issuer_by_cdol2() {
  Bytes data(terminal_value(0x91).begin(), terminal_value(0x91).end());
  if (tx_.issuer != Issuer::none || data.empty() || is_all_zero(data)) return;
  const bool method_2 = rule().arpc == ArpcRule::method_2;
  if (!method_2 && data.size() == 8) emvcrypto::append(data, terminal_value(0x8A));
  if (!method_2 && data.size() > 10) data.resize(10);  // what follows is the terminal's padding
  if (method_2 && data.size() > kMethod2Minimum && (data[4] & kCsuHasProprietary) == 0)
    data.resize(kMethod2Minimum);
  authenticate_issuer(data);
}

/// Method 1: ARPC(8) | ARC(2). Method 2: ARPC(4) | CSU(4) | proprietary data(0-8).
bool PaymentApplication::authenticate_issuer(ByteView data) {
  bool passed = false;
  const Secret& key = rule().arpc_by_master ? data_.ac_key : tx_.ac_session_key;
  if (rule().arpc == ArpcRule::method_1) {
    if (data.size() == 10) {
      Bytes block = tx_.first_cryptogram;
      block[0] ^= data[8];
      block[1] ^= data[9];
      passed = same_bytes(cryptogram_block(key, block), data.first(8));
    }
  } else if (data.size() >= kMethod2Minimum && data.size() <= kLongestMethod2) {
    const Bytes message = emvcrypto::concat({tx_.first_cryptogram, data.subspan(4)});
    const Bytes mac = retail_mac(key, padded_80(message));
    passed = same_bytes(ByteView(mac).first(4), data.first(4));
    if (passed) tx_.csu.assign(data.begin() + 4, data.begin() + 8);
  }
  tx_.issuer = passed ? Issuer::passed : Issuer::failed;
  if (!tx_.csu.empty()) apply_card_status_update();
  return passed;
}

/// Card status update: byte 1 b4-b1 PIN try counter; byte 2 b8 the issuer approves, b7 block the
/// card, b6 block the application, b5 set the PIN try counter, b4 go online next time. What the
/// second cryptogram and the next transaction need of it is in risk.cc.
void PaymentApplication::apply_card_status_update() {
  if ((tx_.csu[1] & kCsuBlockCard) != 0) card_.blocked = true;
  if ((tx_.csu[1] & kCsuBlockApplication) != 0) data_.blocked = true;
  if ((tx_.csu[1] & kCsuUpdateTries) != 0)
    data_.pin.tries = std::min<std::uint8_t>(tx_.csu[0] & 0x0F, data_.pin.limit);
}

}  // namespace kpd::chip

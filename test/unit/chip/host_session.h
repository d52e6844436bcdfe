/// The host of a personalisation, for the chip's tests.
#pragma once

#include <map>

#include "host_crypto.h"
#include "kpd/chip/port.h"

namespace chiptest {

using kpd::chip::ChipPort;
using Dgis = std::map<unsigned, Bytes>;

struct Reply {
  Bytes data;
  unsigned status = 0;
};

inline Reply send(ChipPort& chip, const Bytes& apdu) {
  Bytes bytes = chip.transmit(apdu);
  if (bytes.size() < 2) return {};
  const auto status = static_cast<unsigned>(bytes[bytes.size() - 2] << 8 | bytes.back());
  bytes.resize(bytes.size() - 2);
  return {bytes, status};
}

/// Header CLA INS P1 P2 and data; no Le.
inline Bytes apdu(const char* header, const Bytes& data) {
  Bytes bytes = from_hex(header);
  if (!data.empty()) bytes.push_back(static_cast<std::uint8_t>(data.size()));
  append(bytes, data);
  return bytes;
}

inline Reply select(ChipPort& chip, const Bytes& aid, const char* header = "00A40400") {
  return send(chip, apdu(header, aid));
}

inline Bytes dgi(unsigned id, const Bytes& value) {
  Bytes bytes;
  append_number(bytes, id, 2);
  if (value.size() < 0xFF) {
    append_number(bytes, value.size(), 1);
  } else {
    append_number(bytes, 0xFF, 1);
    append_number(bytes, value.size(), 2);
  }
  append(bytes, value);
  return bytes;
}

struct HostKeys {
  Bytes enc, mac, dek;
};

/// SCP02 as a host speaks it: the previous MAC goes before the command (EMV CPS 1.1), which
/// is the same as an enciphered ICV.
class HostSession {
 public:
  HostSession(ChipPort& chip, const HostKeys& keys, bool icv_enciphered = true)
      : chip_(chip), keys_(keys), icv_enciphered_(icv_enciphered) {}

  Reply initialize(const Bytes& host_challenge = from_hex("0011223344556677")) {
    host_challenge_ = host_challenge;
    const Reply reply = send(chip_, apdu("80500000", host_challenge));
    if (reply.status != 0x9000 || reply.data.size() != 28) return reply;
    sequence_ = Bytes(reply.data.begin() + 12, reply.data.begin() + 14);
    card_challenge_ = Bytes(reply.data.begin() + 14, reply.data.begin() + 20);
    card_cryptogram_ = Bytes(reply.data.begin() + 20, reply.data.end());
    enc_ = session_key_of(keys_.enc, "0182");
    mac_ = session_key_of(keys_.mac, "0101");
    dek_ = session_key_of(keys_.dek, "0181");
    return reply;
  }

  bool card_is_genuine() const {
    return full_mac(enc_, concat({host_challenge_, sequence_, card_challenge_})) ==
           card_cryptogram_;
  }

  Reply authenticate(unsigned level) {
    level_ = level;
    last_mac_.clear();
    Bytes command{0x84, 0x82, static_cast<std::uint8_t>(level), 0x00, 0x10};
    append(command, full_mac(enc_, concat({sequence_, card_challenge_, host_challenge_})));
    append(command, next_mac(command));
    return send(chip_, command);
  }

  /// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE.
  unsigned open(unsigned level) {
    const Reply reply = initialize();
    return reply.status == 0x9000 ? authenticate(level).status : reply.status;
  }

  /// STORE DATA as it goes over the wire.
  Bytes wrap(unsigned p1, unsigned number, const Bytes& data) {
    Bytes command{0x80, 0xE2, static_cast<std::uint8_t>(p1), static_cast<std::uint8_t>(number)};
    if (level_ == 0) {
      command.push_back(static_cast<std::uint8_t>(data.size()));
      append(command, data);
      return command;
    }
    command[0] = 0x84;
    Bytes plain = command;
    plain.push_back(static_cast<std::uint8_t>(data.size() + 8));
    append(plain, data);
    const Bytes mac = next_mac(plain);
    const Bytes body = level_ == 3 && !data.empty() ? cbc(enc_, pad(data)) : data;
    command.push_back(static_cast<std::uint8_t>(body.size() + 8));
    append(command, body);
    append(command, mac);
    return command;
  }

  unsigned store(unsigned p1, const Bytes& data) {
    const unsigned status = send(chip_, wrap(p1, number_, data)).status;
    if (status == 0x9000 || status == 0x6A88) ++number_;
    return status;
  }

  Bytes encipher(const Bytes& value) const {
    return ecb(dek_, value.size() % 8 == 0 ? value : pad(value));
  }

  /// Stores one grouping in pieces; the first status that is not 9000.
  unsigned store_dgi(unsigned id, const Bytes& value, bool secret, bool last = false) {
    const Bytes whole = dgi(id, secret ? encipher(value) : value);
    constexpr std::size_t kPiece = 200;
    for (std::size_t at = 0; at < whole.size(); at += kPiece) {
      const std::size_t end = std::min(whole.size(), at + kPiece);
      const unsigned p1 = (secret ? 0x60U : 0U) | (last && end == whole.size() ? 0x80U : 0U);
      const auto begin = whole.begin();
      const unsigned status = store(p1, Bytes(begin + static_cast<std::ptrdiff_t>(at),
                                              begin + static_cast<std::ptrdiff_t>(end)));
      if (status != 0x9000) return status;
    }
    return 0x9000;
  }

  static bool is_secret(unsigned id) { return (id >> 8 >= 0x80 && id >> 8 < 0x90) || id == 0xA006; }

  /// Stores all of them, then 7FFF in the last block.
  unsigned personalise(const Dgis& dgis) {
    for (const auto& [id, value] : dgis)
      if (const unsigned status = store_dgi(id, value, is_secret(id)); status != 0x9000)
        return status;
    return store_dgi(0x7FFF, {}, false, true);
  }

  Bytes sequence() const { return sequence_; }

 private:
  Bytes session_key_of(const Bytes& key, const char* constant) const {
    return cbc(key, concat({from_hex(constant), sequence_, Bytes(12)}));
  }

  Bytes next_mac(const Bytes& command) {
    if (icv_enciphered_ || last_mac_.empty()) {
      last_mac_ = alg3_mac(mac_, concat({last_mac_, command}));
    } else {  // a chained ICV in clear is XORed to the first block
      Bytes chained = command;
      for (std::size_t i = 0; i < 8; ++i) chained[i] ^= last_mac_[i];
      last_mac_ = alg3_mac(mac_, chained);
    }
    return last_mac_;
  }

  ChipPort& chip_;
  HostKeys keys_;
  bool icv_enciphered_;
  unsigned level_ = 0;
  unsigned number_ = 0;
  Bytes host_challenge_, sequence_, card_challenge_, card_cryptogram_;
  Bytes enc_, mac_, dek_, last_mac_;
};

}  // namespace chiptest

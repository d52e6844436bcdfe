/// A terminal and its issuer, for the chip's tests.
#pragma once

#include "emvcrypto/hash.h"
#include "emvcrypto/rsa.h"
#include "sample_card.h"

namespace chiptest {

using emvcrypto::RsaPublicKey;
using emvcrypto::Tag;

inline RsaPublicKey public_key(const KeyText& key) {
  return {from_hex(key.n), from_hex("03")};
}

/// What GENERATE AC answered, in either template.
struct Cryptogram {
  unsigned status = 0;
  unsigned cid = 0;
  Bytes atc, ac, iad, signature;
};

/// Recovered signed dynamic data (EMV 4.4 Book 2, 6.5.2).
struct Signed {
  bool good = false;
  Bytes number, rest;  ///< the ICC dynamic number and what follows it
};

inline Signed recover(const RsaPublicKey& key, const Bytes& signature, const Bytes& hashed_with) {
  const Bytes plain = emvcrypto::rsa_recover(key, signature);
  const std::size_t size = plain.size();
  const Bytes body(plain.begin() + 1, plain.end() - 21);
  const Bytes hash(plain.end() - 21, plain.end() - 1);
  if (plain[0] != 0x6A || plain[size - 1] != 0xBC || body[0] != 0x05 || body[1] != 0x01) return {};
  if (emvcrypto::sha1({body, hashed_with}) != hash) return {};
  const std::size_t length = body[2];
  for (std::size_t i = 3 + length; i < body.size(); ++i)
    if (body[i] != 0xBB) return {};
  const auto number = body.begin() + 4;
  return {true, Bytes(number, number + body[3]),
          Bytes(number + body[3], body.begin() + 3 + static_cast<std::ptrdiff_t>(length))};
}

class Terminal {
 public:
  explicit Terminal(ChipPort& chip) : chip_(chip) {
    values[0x9F02] = from_hex("000000004000");
    values[0x9F03] = Bytes(6);
    values[0x9F1A] = from_hex("0124");
    values[0x95] = from_hex("8000048000");
    values[0x5F2A] = from_hex("0124");
    values[0x9A] = from_hex("191105");
    values[0x9C] = from_hex("01");
    values[0x9F37] = from_hex("52BF4585");
    values[0x8A] = from_hex("3030");
    values[0x91] = Bytes(10);
  }

  Bytes dol_data(const char* dol) const {
    Bytes data;
    const auto entries = emvcrypto::parse_dol(from_hex(dol));
    for (const auto& entry : entries.value()) {
      Bytes value = values.at(entry.tag);
      value.resize(entry.length);
      append(data, value);
    }
    return data;
  }

  /// SELECT and GET PROCESSING OPTIONS; the status of the latter.
  unsigned start() {
    select(chip_, kPaymentAid);
    return send(chip_, apdu("80A80000", from_hex("8300"))).status;
  }

  Cryptogram first(unsigned p1) { return generate(p1, dol_data(kCdol1)); }
  Cryptogram second(unsigned p1) { return generate(p1, dol_data(kCdol2)); }

  Cryptogram generate(unsigned p1, const Bytes& data) {
    Bytes command{0x80, 0xAE, static_cast<std::uint8_t>(p1), 0x00,
                  static_cast<std::uint8_t>(data.size())};
    append(command, data);
    command.push_back(0x00);
    last_reply = send(chip_, command);
    return parse(last_reply);
  }

  static Cryptogram parse(const Reply& reply) {
    Cryptogram result;
    result.status = reply.status;
    if (reply.status != 0x9000) return result;
    const ByteView data = reply.data;
    const auto take = [&](Tag tag) {
      const auto value = emvcrypto::find_tlv(data, tag).value_or(ByteView{});
      return Bytes(value.begin(), value.end());
    };
    if (data[0] == 0x80) {
      const Bytes all = take(0x80);
      result.cid = all.at(0);
      result.atc.assign(all.begin() + 1, all.begin() + 3);
      result.ac.assign(all.begin() + 3, all.begin() + 11);
      result.iad.assign(all.begin() + 11, all.end());
    } else {
      result.cid = take(0x9F27).at(0);
      result.atc = take(0x9F36);
      result.signature = take(0x9F4B);
      result.iad = take(0x9F10);
    }
    return result;
  }

  /// A whole online transaction whose issuer approves without proving itself.
  void online_without_proof() {
    start();
    first(0x80);
    second(0x40);
  }

  std::map<Tag, Bytes> values;
  Reply last_reply;

 private:
  ChipPort& chip_;
};

/// The input that the issuer's host builds: terminal data, AIP, ATC, then the card's results.
inline Bytes cryptogram_input(const Terminal& terminal, const char* aip, const Bytes& atc,
                              const Bytes& results) {
  Bytes input;
  for (const Tag tag : {0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37})
    append(input, terminal.values.at(tag));
  append(input, from_hex(aip));
  append(input, atc);
  append(input, results);
  return input;
}

/// Tag 91 of method 1: ARPC | ARC.
inline Bytes issuer_proof_1(ByteView key, const Bytes& arqc, const char* arc) {
  Bytes block = from_hex(arc);
  block.resize(8);
  return concat({ecb(key, emvcrypto::exclusive_or(arqc, block)), from_hex(arc)});
}

/// Tag 91 of method 2: ARPC(4) | CSU(4) | proprietary data.
inline Bytes issuer_proof_2(ByteView key, const Bytes& arqc, const Bytes& csu_and_more) {
  Bytes mac = alg3_mac(key, concat({arqc, csu_and_more}));
  mac.resize(4);
  return concat({mac, csu_and_more});
}

/// A script command with its MAC.
inline Bytes script_command(const char* header, const Bytes& data, const Cryptogram& first) {
  Bytes message = from_hex(header);
  message.push_back(static_cast<std::uint8_t>(data.size() + 8));
  const Bytes mac =
      alg3_mac(session_key(kSmiKey, first.ac), concat({message, first.atc, first.ac, data}));
  return concat({message, data, mac});
}

}  // namespace chiptest

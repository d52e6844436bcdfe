/// A native card and a host that makes its files, for the chip's tests.
#pragma once

#include "managed_card.h"

namespace chiptest {

inline ChipConfig native_config(const kpd::chip::Scp& scp = kpd::chip::Scp02Option::i15) {
  ChipConfig config = chip_config();
  config.scp = scp;
  if (std::holds_alternative<kpd::chip::Scp03Option>(scp)) config.keys = card_keys(aes_host_keys());
  config.native = true;
  return config;
}

inline Bytes number(std::size_t value, std::size_t width) {
  Bytes bytes;
  append_number(bytes, value, width);
  return bytes;
}

/// Template 62 of a DF.
inline Bytes folder_control(unsigned id, const Bytes& name) {
  return make_tlv(
      0x62, concat({from_hex("820138"), make_tlv(0x83, number(id, 2)), make_tlv(0x84, name)}));
}

/// Template 62 of an EF. descriptor: of 82. size 0, sfi 0: not told.
inline Bytes file_control(unsigned id, const char* descriptor, std::size_t size = 0,
                          unsigned sfi = 0) {
  Bytes inner = make_tlv(0x82, from_hex(descriptor));
  append(inner, make_tlv(0x83, number(id, 2)));
  if (size != 0) append(inner, make_tlv(0x80, number(size, 2)));
  if (sfi != 0) append(inner, make_tlv(0x88, number(sfi << 3, 1)));
  return make_tlv(0x62, inner);
}

struct PowerCut {};

/// A native card, powered, and a host with its keys.
struct NativeHost {
  explicit NativeHost(ChipConfig config = native_config(), HostKeys keys = host_keys())
      : chip(std::move(config)), host(chip, std::move(keys)) {
    chip.power_on();
  }

  /// A command through the channel; throws PowerCut in place of the one after the last that is
  /// left.
  unsigned run(const std::string& header, const Bytes& data = {}) {
    if (left == 0) throw PowerCut{};
    --left;
    return host.run(header.c_str(), data).status;
  }

  /// A command in pieces, all but the last with the class's bit for more.
  unsigned chained(std::string header, const Bytes& data) {
    constexpr std::size_t kPiece = 192;
    for (std::size_t at = 0;; at += kPiece) {
      const bool last = data.size() - at <= kPiece;
      header[0] = static_cast<char>(last ? header[0] & ~1 : header[0] | 1);
      const auto begin = data.begin() + static_cast<std::ptrdiff_t>(at);
      const auto end = last ? data.end() : begin + static_cast<std::ptrdiff_t>(kPiece);
      const unsigned status = run(header, Bytes(begin, end));
      if (last || status != 0x9000) return status;
    }
  }

  unsigned create(const Bytes& control) { return run("00E00000", control); }
  unsigned select_id(unsigned id) { return run("00A4000C", number(id, 2)); }
  unsigned activate() { return run("00440000"); }

  unsigned write_key(unsigned id, const Bytes& key) {
    return run("80D4" + to_hex(number(id, 2)), host.encipher(key));
  }

  /// An EF for one grouping, by its identifier.
  unsigned write_internal(unsigned id, const Bytes& value) {
    const unsigned status = create(file_control(id, "09", value.size()));
    return status == 0x9000 ? chained("00D60000", value) : status;
  }

  /// A record, in a new EF when it is the first.
  unsigned write_record(unsigned id, const Bytes& value) {
    const unsigned sfi = id >> 8;
    if ((id & 0xFF) == 1) {
      const unsigned status = create(file_control(0xEF00 | sfi, "042100FE", 0, sfi));
      if (status != 0x9000) return status;
    }
    return chained("00E200" + to_hex(number(sfi << 3, 1)), value);
  }

  /// The DF with everything in it, not activated: it is the current file. The last status.
  unsigned fill(unsigned id, const Bytes& name, const Dgis& dgis) {
    unsigned status = select_id(0x3F00);
    if (status == 0x9000) status = create(folder_control(id, name));
    if (status == 0x9000) status = create(file_control(0xEFFF, "0C2100FE", 0x0400));
    for (const auto& [grouping, value] : dgis) {
      if (status != 0x9000) return status;
      if (HostSession::is_secret(grouping))
        status = write_key(grouping, value);
      else if (grouping >> 8 >= 1 && grouping >> 8 <= 0x0B)
        status = write_record(grouping, value);
      else
        status = write_internal(grouping, value);
    }
    return status == 0x9000 ? select_id(id) : status;
  }

  /// Both applications of the sample card; the master file is the current file.
  unsigned fill_card() {
    unsigned status = fill(0xDF01, kDirectoryAid, directory_dgis());
    if (status == 0x9000) status = activate();
    if (status == 0x9000) status = fill(0xDF02, kPaymentAid, payment_dgis());
    if (status == 0x9000) status = activate();
    return status == 0x9000 ? select_id(0x3F00) : status;
  }

  Chip chip;
  ChannelHost host;
  std::size_t left = static_cast<std::size_t>(-1);  ///< commands until the power is cut
};

}  // namespace chiptest

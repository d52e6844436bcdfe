/// A chip whose content is managed by an issuer security domain, for the chip's tests.
#pragma once

#include "channel_host.h"
#include "kpd/chip/aes.h"
#include "sample_card.h"

namespace chiptest {

inline const Bytes kManagerAid = from_hex("A000000151000000");
inline const Bytes kLoadFile = from_hex("F04B504450");
inline const Bytes kPaymentModule = from_hex("F04B50445001");
inline const Bytes kFileModule = from_hex("F04B50445002");

inline HostKeys aes_host_keys(std::size_t size = 16) {
  return {Bytes(size, 0xE1), Bytes(size, 0xE2), Bytes(size, 0xE3)};
}

inline kpd::chip::CardKeys card_keys(const HostKeys& keys) {
  return {emvcrypto::Secret(keys.enc), emvcrypto::Secret(keys.mac), emvcrypto::Secret(keys.dek)};
}

/// A blank card with two modules and nothing installed.
inline ChipConfig managed_config(const kpd::chip::Scp& scp = kpd::chip::Scp02Option::i15) {
  using kpd::chip::ApplicationKind;
  ChipConfig config = chip_config();
  config.scp = scp;
  if (std::holds_alternative<kpd::chip::Scp03Option>(scp)) config.keys = card_keys(aes_host_keys());
  config.instances.clear();
  config.card_manager = kManagerAid;
  config.modules.push_back(
      {kLoadFile, {kPaymentModule, ApplicationKind::payment, IadLayout::cvr4, false}});
  config.modules.push_back({kLoadFile, {kFileModule, ApplicationKind::files, {}, false}});
  return config;
}

/// The chip, powered, and a host with its keys.
struct ManagedCard {
  explicit ManagedCard(ChipConfig config = managed_config(), HostKeys keys = host_keys())
      : chip(std::move(config)), host(chip, std::move(keys)) {
    chip.power_on();
  }

  /// A card whose channel is open on the issuer security domain.
  ManagedCard& opened(std::uint8_t level = 0x01) {
    if (select(chip, kManagerAid).status != 0x9000 || host.open(level) != 0x9000)
      throw std::runtime_error("the card manager was not opened");
    return *this;
  }

  unsigned run(const char* header, const Bytes& data = {}) { return host.run(header, data).status; }

  Chip chip;
  ChannelHost host;
};

inline Bytes field(const Bytes& value) {
  return concat({Bytes{static_cast<std::uint8_t>(value.size())}, ByteView(value)});
}

/// The data of INSTALL [for install and make selectable].
inline Bytes install_data(const Bytes& module, const Bytes& instance,
                          const Bytes& load_file = kLoadFile) {
  return concat({field(load_file), field(module), field(instance), from_hex("0100"),
                 from_hex("02C900"), from_hex("00")});
}

/// The data of INSTALL [for personalization].
inline Bytes personalise_data(const Bytes& instance) {
  return concat({from_hex("0000"), field(instance), from_hex("000000")});
}

inline Bytes aes_kcv(const Bytes& key) {
  return kpd::chip::aes::check_value(emvcrypto::Secret(key));
}

/// The data of PUT KEY with three 3DES keys.
inline Bytes des_key_data(ChannelHost& host, std::uint8_t version, const HostKeys& keys) {
  Bytes data{version};
  for (const Bytes& key : {keys.enc, keys.mac, keys.dek})
    append(data, concat({from_hex("8010"), host.encipher(key), from_hex("03"), kcv(key)}));
  return data;
}

/// The same with AES keys, a short last block filled with zeros.
inline Bytes aes_key_data(ChannelHost& host, std::uint8_t version, const HostKeys& keys) {
  Bytes data{version};
  for (const Bytes& key : {keys.enc, keys.mac, keys.dek}) {
    Bytes blocks = key;
    blocks.resize((key.size() + 15) / 16 * 16);
    Bytes component{static_cast<std::uint8_t>(key.size())};
    append(component, host.encipher(blocks));
    append(data, concat({from_hex("88"), field(component), from_hex("03"), aes_kcv(key)}));
  }
  return data;
}

inline HostKeys other_keys(std::size_t size = 16) {
  return {Bytes(size, 0x41), Bytes(size, 0x42), Bytes(size, 0x43)};
}

}  // namespace chiptest

/// What a chip has inside, beyond the state of one session: instances, channel keys, life cycle.
#pragma once

#include <memory>
#include <vector>

#include "kpd/chip/application.h"

namespace kpd::chip {

/// The card's life cycle (GlobalPlatform Card Specification 2.3, 5.1.1).
enum class CardLife : std::uint8_t {
  op_ready = 0x01,
  initialized = 0x07,
  secured = 0x0F,
  locked = 0x7F,
  terminated = 0xFF
};

/// An application instance and what the card registers of it.
struct Instance {
  std::unique_ptr<Application> application;
  std::uint32_t counter = 0;  ///< of its secure channels, where each counts for itself
  Bytes load_file = {};       ///< AIDs of what it was made of; empty: installed by the maker
  Bytes module = {};
  Bytes privileges = {0x00};  ///< 1 or 3 bytes
  bool locked = false;        ///< by SET STATUS: it cannot be selected
};

/// Keys of one version, and how many secure channels they opened.
struct KeySet {
  std::uint8_t version = 0;  ///< 01-7F; FF: K(IC)
  CardKeys keys;
  std::uint32_t counter = 0;
};

/// The version of K(IC), the keys that a chip has from the factory (GlobalPlatform's initial keys).
inline constexpr std::uint8_t kFactoryVersion = 0xFF;

/// Survives power cycles, like EEPROM.
struct CardContent {
  /// With what the maker installed.
  CardContent(const ChipConfig& config, CardState& card, const Random& random);

  /// The keys of this version, or with version 00 those that came first; null: there are none.
  KeySet* find_keys(std::uint8_t version);

  /// Null: there is none with exactly this AID.
  Instance* find_instance(ByteView aid);

  std::vector<Instance> instances;
  std::vector<KeySet> keys;  ///< never empty
  Bytes key_data;            ///< KEYDATA, 10 bytes; in the factory the maker's until it is written
  bool key_data_written = false;
  bool in_factory = false;  ///< until SET STATUS ends the manufacturer's steps
  CardLife life = CardLife::op_ready;
};

/// A fresh, blank instance. `card` and `random` outlive it.
std::unique_ptr<Application> make_application(const InstanceConfig& config, CardState& card,
                                              const Random& random);

}  // namespace kpd::chip

/// A virtual chip: a locked card that takes EMV CPS personalisation and then is an EMV card. It
/// knows no reader and no transport but what T=0 asks of a card.
#pragma once

#include <memory>

#include "kpd/chip/card_manager.h"
#include "kpd/chip/native_card.h"
#include "kpd/chip/port.h"
#include "kpd/chip/t0_link.h"

namespace kpd::chip {

/// One chip. What it was given through APDUs lives as long as the object, like EEPROM; sessions,
/// transactions and the selection end with every reset. One thread at a time.
///
/// Personalisation of the selected instance: INITIALIZE UPDATE, EXTERNAL AUTHENTICATE (the levels
/// of its protocol), STORE DATA. Opening a channel on an instance that is not yet personalised
/// discards what an earlier, unfinished attempt loaded. A wrong MAC or class ends the session
/// (6982); other refusals leave it open, and the refused block keeps its number, unless its fault
/// was an unknown grouping (6A88). The last block closes the session when everything needed is
/// there (else 6A86); afterwards these commands are answered 6985. GET DATA 00CF gives CF { key
/// version | KMCID(6) | CSN(4) } at any time.
class Chip : public ChipPort {
 public:
  /// Throws std::invalid_argument on wrong lengths in the configuration.
  explicit Chip(ChipConfig config, Random random = system_random());
  Chip(const Chip&) = delete;
  Chip& operator=(const Chip&) = delete;

  Bytes atr() const override { return config_.atr; }
  Bytes power_on() override;
  void power_off() override;
  Bytes warm_reset() override;
  Bytes transmit(ByteView apdu) override;

  /// Power from a field instead of contacts: applications show their contactless side.
  Bytes enter_field();

  /// KEYDATA as it is now: KMCID(6) | CSN(4).
  const Bytes& key_data() const { return content_.key_data; }

  /// Whether the instance with this AID is personalised; false when there is no such instance.
  bool is_personalised(ByteView aid) const;

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  void reset();
  Application& selected_application() { return *content_.instances[selected_].application; }
  Answer process(ByteView apdu);
  Answer select(const Command& command);
  Answer select_master_file();
  bool names_manager(const Command& command) const;
  Answer manage(const Command& command);
  Answer key_data_answer() const;

  // chip_channel.cc
  Answer personalise(const Command& command);
  Answer initialize_update(const Command& command);
  Status external_authenticate(const Command& command);
  Answer store_data(const Command& command);
  Answer in_channel(const Command& command,
                    const std::function<Answer(const Command& plain)>& work);
  ByteView selected_aid();
  std::uint32_t& sequence_counter(KeySet& keys);
  void end_session();

  // chip_native.cc
  Answer make_native(const Command& command);

  ChipConfig config_;
  Random random_;
  CardState state_;
  CardContent content_;
  std::unique_ptr<CardManager> manager_;  ///< null: the chip has no issuer security domain
  std::unique_ptr<NativeCard> native_;    ///< null: the chip is no native card
  const bool speaks_t0_;                  ///< its ATR offers nothing else

  // Volatile.
  bool powered_ = false;
  std::size_t selected_ = kNone;  ///< index among the instances; none: the manager, if there is one
  std::unique_ptr<CardChannel> channel_;
  std::uint8_t channel_keys_ = 0;  ///< version of the keys that it began with
  std::unique_ptr<Personalisation> personalisation_;
  T0Link t0_link_;
};

}  // namespace kpd::chip

/// The issuer security domain: who holds the card's keys decides what is on the card.
#pragma once

#include <map>

#include "emvcrypto/tlv.h"
#include "kpd/chip/card_content.h"
#include "kpd/chip/personalisation.h"

namespace kpd::chip {

/// Card content management (GlobalPlatform Card Specification 2.3, 11) by the one security domain
/// of the card, under the card's own keys: DELETE, GET DATA, GET STATUS, INSTALL [for install and
/// make selectable] and [for personalization], PUT KEY, SET STATUS, STORE DATA. Tokens, receipts,
/// loading of code and privileges of applications are not simulated.
///
/// Sources: card_manager.cc takes commands apart, card_data.cc tells about the card, get_status.cc
/// lists it, install.cc makes and deletes instances, put_key.cc and set_status.cc are what they are
/// called.
class CardManager {
 public:
  /// All of these outlive it.
  CardManager(const ChipConfig& config, CardContent& content, CardState& state,
              const Random& random);

  const Bytes& aid() const { return config_.card_manager; }

  /// The answer to SELECT: 6F { 84 AID, A5 { 9F65 } }, with 6283 when the card is locked.
  Answer select() const;

  /// GET DATA of what it tells about the card, in clear as well as inside a channel: 42, 45, 66
  /// (card recognition data), E0 (key information), 9F7F (production life cycle).
  Answer get_data(const Command& command) const;

  /// Whether an instruction is one of its commands inside a channel.
  static bool knows(std::uint8_t ins);

  /// One command of its open channel, its data plain.
  Answer process(const Command& command, const CardChannel& channel);

  /// Forgets what belongs to a session.
  void reset();

 private:
  // card_manager.cc
  Status store_data(const Command& command, const CardChannel& channel);
  Status store_own(const Command& command);
  Status keep(ByteView objects);
  Status write_key_data(ByteView value);

  // card_data.cc
  Bytes recognition_data() const;
  Bytes key_information() const;
  Bytes production_data() const;

  // get_status.cc
  Answer get_status(const Command& command, const CardChannel& channel);
  std::vector<Bytes> entries(std::uint8_t kind, ByteView name) const;
  Bytes entry_of(const Instance& instance) const;
  std::vector<Bytes> load_file_entries(ByteView name, bool with_modules) const;

  // install.cc
  Answer install(const Command& command);
  Answer install_instance(ByteView data);
  Status begin_personalisation(ByteView data);
  Answer remove(const Command& command);

  // put_key.cc
  Answer put_key(const Command& command, const CardChannel& channel);
  std::optional<Secret> take_key(ByteView& rest, const CardChannel& channel) const;

  // set_status.cc
  Status set_status(const Command& command);
  Status set_card_life(std::uint8_t wanted);
  bool leave_factory();
  Status set_lock(ByteView aid, bool lock);

  const ChipConfig& config_;
  CardContent& content_;
  CardState& state_;
  const Random& random_;
  std::map<emvcrypto::Tag, Bytes> objects_;  ///< 42 and 45, as stored

  // Volatile.
  std::unique_ptr<Personalisation> target_;  ///< of INSTALL [for personalization]
  std::unique_ptr<BlockReader> blocks_;      ///< of its own STORE DATA
  std::uint8_t listed_kind_ = 0;             ///< P1 of a GET STATUS that said 6310; 0: none did
  std::size_t listed_ = 0;                   ///< how many entries were told so far
};

}  // namespace kpd::chip

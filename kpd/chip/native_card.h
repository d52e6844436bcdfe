/// A native card while it is made: a file system with commands of its own, no GlobalPlatform.
#pragma once

#include "kpd/chip/card_content.h"
#include "kpd/chip/native_folder.h"

namespace kpd::chip {

/// The master file and what is created below it (ISO/IEC 7816-4 and 7816-9), until the master file
/// is activated: then every DF is an application that a terminal finds, and nothing can be created
/// or written any more. What was created survives power cycles, so that an unfinished
/// personalisation can be looked at, deleted and begun again.
///
/// Sources: native_card.cc takes commands apart, native_folder.cc and native_file.cc do them,
/// chip_native.cc puts them behind the chip's secure channel.
class NativeCard {
 public:
  /// All of these outlive it. `config.instances` are the programs that the card has for DFs of
  /// these names; a DF of any other name can be read only.
  NativeCard(const ChipConfig& config, CardContent& content, CardState& state,
             const Random& random);

  /// Whether a command is one of its own, whatever its class says of security and chaining: what an
  /// unfinished card answers 6982 in clear.
  static bool knows(const Command& command);

  /// Whether a command changes it or opens a channel: what a finished card answers 6985.
  static bool is_making(const Command& command);

  /// Whether the master file was activated; the applications are among the card's content then.
  bool is_finished() const { return life_ == FileLife::operational; }

  /// SELECT while the card is made, in clear or inside a channel: P1 00 by file identifier (none or
  /// 3F00: the master file), 01 a DF, 02 an EF of the current DF, 04 a DF by its whole name. P2 00,
  /// 04: its template 62, 0C: nothing.
  Answer select(const Command& command);

  /// The master file's template 62.
  Answer master_control() const;

  /// One command of the open channel, its data plain.
  Answer process(const Command& command, const CardChannel& channel);

  /// Forgets what belongs to a session: the current file, an unfinished chain.
  void reset();

 private:
  Answer perform(const Command& command, const CardChannel& channel);
  Status collect(const Command& command);
  Status create(const Command& command);
  Status remove(const Command& command);
  Status activate(const Command& command);
  Status update_binary(const Command& command);
  Status update_record(const Command& command);
  Status append_record(const Command& command);
  Answer read_binary(const Command& command, const CardChannel& channel);
  Answer read_record(const Command& command, const CardChannel& channel);
  Status write_key(const Command& command, const CardChannel& channel);

  Answer told(const Command& command) const;
  bool select_by_id(std::uint8_t how, std::uint16_t id);
  NativeFolder* find_folder(std::uint16_t id);
  NativeFolder* find_folder(ByteView name);
  NativeFile* file_by_sfi(std::uint8_t sfi);
  Status finish();
  bool has_room(std::size_t bytes) const;

  const ChipConfig& config_;
  CardContent& content_;
  CardState& state_;
  const Random& random_;
  std::list<NativeFolder> folders_;  ///< as they were created; places stay
  FileLife life_ = FileLife::creation;

  // Volatile.
  NativeFolder* folder_ = nullptr;  ///< the current DF; null: the master file
  NativeFile* file_ = nullptr;      ///< the current EF of it
  std::optional<Command> chain_;    ///< a command of which more is to come
};

}  // namespace kpd::chip

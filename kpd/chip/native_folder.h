/// A dedicated file of a native card while the card is made, and what becomes of it.
#pragma once

#include <list>
#include <map>
#include <memory>

#include "kpd/chip/application.h"
#include "kpd/chip/card_channel.h"
#include "kpd/chip/native_file.h"

namespace kpd::chip {

/// Files and keys of one application. When it is activated they become data groupings of the
/// program that the card has for its name:
///
/// | file | groupings |
/// |---|---|
/// | records with SFI s, record r | s << 8 or r |
/// | internal, with identifier i | i |
/// | key i of the key file | i |
/// | of a program that is there to be read: transparent, linear fixed | 0062, and its identifier |
class NativeFolder {
 public:
  NativeFolder(FileControl control, std::unique_ptr<Application> application)
      : control_(std::move(control)), application_(std::move(application)) {}

  const FileControl& control() const { return control_; }
  FileLife life() const { return control_.life; }

  /// Creates an EF and returns it through `made`. 6A89 when the identifier is there, 6A80 when the
  /// SFI is, or the program has no use for such a file, 6985 when the folder is activated.
  Status create(FileControl control, NativeFile*& made);

  /// Null when there is none.
  NativeFile* find(std::uint16_t id);
  NativeFile* find_by_sfi(std::uint8_t sfi);

  /// 6A82 when there is none, 6985 when the folder is activated.
  Status remove(std::uint16_t id);

  /// WRITE KEY: a key comes under the channel's DEK and replaces one of the same identifier. 6A82
  /// without a key file, 6A88 when the program has no such key, 6A80 for a wrong length or padding,
  /// 6A84 when the key file is full, 6985 when it or the folder is activated.
  Status write_key(DgiId id, ByteView enciphered, const CardChannel& channel);

  /// ACTIVATE FILE of the DF: its program takes what is there. 6985 when something is missing or it
  /// was activated before, 6A80 when something cannot be right; then nothing was taken.
  Status activate();

  /// Bytes of the card's memory that it takes.
  std::size_t footprint() const;

  /// The program with its data, for a card that is finished.
  std::unique_ptr<Application> release() { return std::move(application_); }

 private:
  bool has_use_for(const FileControl& control) const;
  const NativeFile* key_file() const;
  bool are_files(const FileControl& control) const;
  Status hand_over();
  Status hand_over(const NativeFile& file);

  FileControl control_;
  std::unique_ptr<Application> application_;
  std::list<NativeFile> files_;  ///< as they were created; places stay
  std::map<DgiId, Secret> keys_;
};

}  // namespace kpd::chip

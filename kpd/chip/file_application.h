/// An application that is there to be read: loyalty, identity, purses, telephony.
#pragma once

#include <map>

#include "kpd/chip/application.h"
#include "kpd/chip/elementary_files.h"
#include "kpd/chip/records.h"

namespace kpd::chip {

/// Takes an FCI (9102), records (0101-1EFF), data objects (3000, 3001), symmetric keys of 16 bytes
/// (8000) with their check values (9000), and files: 0062 creates them, then the grouping with a
/// file's identifier fills it. Gives back records by READ RECORD, data objects by GET DATA, files
/// by SELECT and READ BINARY or READ RECORD (ISO/IEC 7816-4). The keys stay inside: what a purse or
/// an identity application does with them is not simulated.
///
/// Complete when the FCI is there, every file can be read, no SFI is that of a file and of records,
/// and the keys agree with their check values.
class FileApplication : public Application {
 public:
  using Application::Application;

  void erase() override;
  DgiKind kind_of(DgiId id) const override;
  Status load(DgiId id, ByteView value) override;
  void reset() override { current_ = 0; }
  bool has_files() const override { return true; }
  Answer process(const Command& command) override;

 protected:
  bool is_complete() override;
  bool is_blocked() const override { return false; }
  ByteView fci() const override { return data_.fci; }

 private:
  /// What survives power cycles.
  struct Data {
    Bytes fci;
    Records records;
    ElementaryFiles files;
    std::map<emvcrypto::Tag, Bytes> objects;
    Secret keys;  ///< one after the other
    bool keys_checked = false;
  };

  Status load_objects(ByteView value);
  Status load_keys(ByteView value);
  Status load_check_values(ByteView value);
  Answer select_file(const Command& command);
  Answer read_binary_command(const Command& command);
  Answer read_record(const Command& command) const;
  Answer get_data(const Command& command) const;

  Data data_;
  std::uint16_t current_ = 0;  ///< identifier of the current file; 0: none
};

}  // namespace kpd::chip

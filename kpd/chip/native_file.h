/// An elementary file of a native card while the card is made.
#pragma once

#include <vector>

#include "kpd/chip/file_control.h"

namespace kpd::chip {

/// Bytes or records, never more than the file's size. An activated file changes no more (6985).
class NativeFile {
 public:
  explicit NativeFile(FileControl control) : control_(std::move(control)) {}

  const FileControl& control() const { return control_; }
  FileLife life() const { return control_.life; }
  void activate() { control_.life = FileLife::operational; }

  /// Whether it may be read: internal files may not.
  bool is_readable() const;

  /// UPDATE BINARY: what stands between the last byte written so far and `offset` is FF. 6981 for
  /// records, 6B00 behind the file's size, 6A84 when the data reach beyond it.
  Status update_binary(std::size_t offset, ByteView data);

  /// APPEND RECORD. 6981 for a transparent file, 6700 for a wrong length, 6A84 when it is full.
  Status append_record(ByteView record);

  /// UPDATE RECORD, from 1; as APPEND RECORD, and 6A83 when there is none of this number.
  Status update_record(std::uint8_t number, ByteView record);

  /// READ BINARY, at most `most` bytes; what was not written reads as FF. 6981, 6B00.
  Answer read_binary(std::size_t offset, std::size_t most) const;

  /// READ RECORD, from 1. 6981, 6A83.
  Answer read_record(std::uint8_t number) const;

  /// What was written, records one after the other.
  Bytes content() const;
  const std::vector<Bytes>& records() const { return records_; }

  /// Bytes of the card's memory that it takes.
  std::size_t footprint() const;

 private:
  std::size_t most() const { return control_.size > 0 ? control_.size : kLargestFile; }
  Status check_record(ByteView record, std::size_t freed) const;
  std::size_t written() const;

  FileControl control_;
  Bytes bytes_;
  std::vector<Bytes> records_;
};

}  // namespace kpd::chip

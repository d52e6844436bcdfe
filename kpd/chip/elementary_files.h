/// Elementary files of an application, by identifier (ISO/IEC 7816-4, 5.3 and 11.2).
#pragma once

#include <map>
#include <optional>

#include "kpd/chip/command.h"

namespace kpd::chip {

/// One file: bytes to be read by offset, or records of one length.
struct ElementaryFile {
  std::uint8_t sfi = 0;           ///< 1-30; 0: none
  std::size_t record_length = 0;  ///< 0: transparent
  std::size_t size = 0;           ///< bytes; 0: as much as comes
  Bytes control;                  ///< its template 62, as SELECT returns it
  Bytes content;
};

/// Files that are created first and filled then. A file with a size that nothing fills keeps FF.
class ElementaryFiles {
 public:
  /// Creates files: one template 62 after the other, each with 82 (descriptor: 01, or 02 21 and the
  /// length of a record in 2 bytes), 83 (identifier, 2 bytes) and where wanted 80 (size) and 88
  /// (SFI in b8-b4). 6A80 when that is not so, or an identifier or SFI comes twice.
  Status create(ByteView templates);

  bool has(std::uint16_t id) const { return files_.contains(id); }

  /// Fills a file. 6A80 when the content is longer than its size or does not end with a record.
  Status fill(std::uint16_t id, ByteView content);

  /// Whether every file has something to be read.
  bool is_complete() const;

  /// Null when there is none.
  const ElementaryFile* find(std::uint16_t id) const;
  const ElementaryFile* find_by_sfi(std::uint8_t sfi) const;

 private:
  Status create_one(ByteView whole, ByteView inside);

  std::map<std::uint16_t, ElementaryFile> files_;
};

/// A part of a transparent file, at most `le` bytes (0: up to 256). 6B00 behind its end, 6981 when
/// it holds records; 6282 with what there is when more was wanted.
Answer read_binary(const ElementaryFile& file, std::size_t offset, std::size_t le);

/// A record of a file of records, from 1. 6A83 when there is none, 6981 for a transparent file.
Answer read_file_record(const ElementaryFile& file, std::uint8_t number);

}  // namespace kpd::chip

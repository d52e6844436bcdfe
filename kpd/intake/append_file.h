/// A temporary file that only grows.
#pragma once

#include <cstdint>

#include "emvcrypto/bytes.h"

namespace kpd {

/// Byte strings by the place where they were put. No other process can open the file and it is gone
/// with this process. Memory holds the last block alone.
class AppendFile {
 public:
  /// Throws Failure(io) when the file cannot be made; so do all others when the disk fails.
  AppendFile();
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// Returns the place of the first byte: what size() was.
  std::uint64_t append(emvcrypto::ByteView bytes);
  std::uint64_t size() const { return written_ + block_.size(); }
  emvcrypto::Bytes read(std::uint64_t place, std::size_t count);

 private:
  void flush();

  int file_ = -1;
  std::uint64_t written_ = 0;  ///< bytes on the disk
  emvcrypto::Bytes block_;     ///< what comes behind them
};

}  // namespace kpd

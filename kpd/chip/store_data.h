/// STORE DATA: blocks in, data groupings out (EMV CPS 1.1).
#pragma once

#include <functional>

#include "kpd/chip/command.h"

namespace kpd::chip {

using DgiId = std::uint16_t;

/// The grouping that closes a personalisation; it stands in the last block alone.
inline constexpr DgiId kCompletionDgi = 0x7FFF;

/// What P1 says of the encipherment of a block's groupings (b7 b6).
enum class Encipherment : std::uint8_t {
  none = 0x00,
  by_application = 0x20,  ///< the secret ones are enciphered
  all = 0x60
};

/// One whole grouping as it stood in the commands.
struct ReceivedDgi {
  DgiId id = 0;
  Bytes value;
  Encipherment encipherment = Encipherment::none;
};

/// Puts groupings together from numbered blocks. Volatile.
class BlockReader {
 public:
  explicit BlockReader(bool one_dgi_per_command) : one_dgi_(one_dgi_per_command) {}

  /// Takes the plain data of one STORE DATA and hands each grouping that it completes to `sink`,
  /// whose status other than 9000 stops it. A block refused with 6A88, an unknown grouping, counts
  /// all the same, so that a host whose VERCNTL allows it goes on with the next;
  /// the number of a block refused otherwise is expected again.
  ///
  /// 6A86 for reserved bits in P1, a block number other than the next, or another encipherment in
  /// the middle of a grouping; such a block is as if it had never come. 6A80 for a malformed list,
  /// 6A86 for a grouping unfinished in the last block; then the groupings before it stay loaded and
  /// the unfinished one is dropped.
  Status take(const Command& command, ByteView plain,
              const std::function<Status(const ReceivedDgi&)>& sink);

  /// Takes back the last block's number: it was refused after all.
  void uncount() { --next_number_; }

  /// P1, b8: no block follows.
  static bool is_last(const Command& command) { return (command.p1 & 0x80) != 0; }

 private:
  Status take_list(ByteView rest, Encipherment encipherment, bool last,
                   const std::function<Status(const ReceivedDgi&)>& sink);
  Status begin(ByteView& rest, Encipherment encipherment, bool last);
  Status fill(ByteView& rest, const std::function<Status(const ReceivedDgi&)>& sink);

  bool one_dgi_;
  std::uint8_t next_number_ = 0;
  bool pending_ = false;  ///< a grouping is unfinished
  std::size_t missing_ = 0;
  ReceivedDgi dgi_;
};

}  // namespace kpd::chip

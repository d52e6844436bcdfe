/// Reading a byte string field by field, with one place where it stopped making sense. For the
/// parsers of this folder.
#pragma once

#include <optional>
#include <string>

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"

namespace cps {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// A position in a byte string. After the first failure every read gives zeros or nothing, at_end()
/// holds and the first reason is kept, so that a parser checks once, at its end. Cursors of the
/// parts of one string share that reason; they must not outlive their root.
class Cursor {
 public:
  /// Where the first failure is noted; one a parse.
  using Failure = std::optional<std::string>;

  Cursor(ByteView bytes, std::string where, Failure& failure)
      : bytes_(bytes), where_(std::move(where)), failure_(&failure) {}

  /// A number of `width` bytes (1-8), most significant first.
  std::uint64_t number(std::size_t width, const char* field);
  std::uint8_t byte(const char* field) { return static_cast<std::uint8_t>(number(1, field)); }

  /// The next `count` bytes.
  ByteView bytes(std::size_t count, const char* field);

  /// The next `count` bytes as a cursor of their own.
  Cursor part(std::size_t count, const std::string& name);

  /// A length of `width` bytes, then so many bytes.
  ByteView sized(std::size_t width, const char* field);
  Cursor sized_part(std::size_t width, const std::string& name);

  /// Nothing left, or failed.
  bool at_end() const { return *failure_ || position_ == bytes_.size(); }
  bool failed() const { return failure_->has_value(); }
  std::size_t left() const { return bytes_.size() - position_; }

  /// Fails when bytes are left over.
  void expect_end();

  /// Notes that `what` is wrong here, unless something failed before.
  void fail(const std::string& what);

 private:
  ByteView bytes_;
  std::size_t position_ = 0;
  std::size_t base_ = 0;  ///< offset of this part in the root
  std::string where_;
  Failure* failure_;
};

}  // namespace cps

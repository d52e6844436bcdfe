/// Memory of a Lua state in one piece, so that it can be put back as it was. Internal to
/// kpd/expression.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace kpd::expression {

/// Blocks one behind the other. A block that is given back is used again only when it is the last,
/// so the limit is one of all allocations together: it bounds the copying of memory too. A Lua
/// state holds no address outside its memory but those of C functions, so the bytes at the same
/// place again are the state as it was. No text is longer than an expression's may be.
class LuaArena {
 public:
  explicit LuaArena(std::size_t capacity);

  /// For lua_newstate().
  static void* allocate(void* arena, void* block, std::size_t old_size, std::size_t new_size);

  /// Bytes that may be taken from now on.
  void allow(std::size_t more);

  /// Remembers everything; restore() puts it back.
  void save();
  void restore();

 private:
  void* resize(std::byte* block, std::size_t old_size, std::size_t new_size);

  std::size_t capacity_;
  std::unique_ptr<std::byte[]> memory_;
  std::size_t used_ = 0, limit_ = 0;
  std::vector<std::byte> saved_;
};

}  // namespace kpd::expression

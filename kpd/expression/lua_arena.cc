#include "kpd/expression/lua_arena.h"

#include <algorithm>
#include <cstring>
#include <lua.hpp>

#include "kpd/expression/expression.h"

namespace kpd::expression {
namespace {

/// A text of Lua with its head. Longer ones would make a single step, such as comparing two of
/// them, take as long as thousands.
constexpr std::size_t kMaxText = Expression::kMaxResult + 64;

std::size_t rounded(std::size_t size) {
  constexpr std::size_t kUnit = alignof(std::max_align_t);
  return (size + kUnit - 1) / kUnit * kUnit;
}

}  // namespace

LuaArena::LuaArena(std::size_t capacity)
    : capacity_(capacity), memory_(std::make_unique_for_overwrite<std::byte[]>(capacity)) {}

void LuaArena::allow(std::size_t more) {
  limit_ = std::min(capacity_, used_ + more);
}

void LuaArena::save() {
  saved_.assign(memory_.get(), memory_.get() + used_);
}

void LuaArena::restore() {
  std::memcpy(memory_.get(), saved_.data(), saved_.size());
  used_ = saved_.size();
}

void* LuaArena::allocate(void* arena, void* block, std::size_t old_size, std::size_t new_size) {
  // For a new object the old size says of what kind it is (lua_Alloc).
  if (block == nullptr && old_size == LUA_TSTRING && new_size > kMaxText) return nullptr;
  return static_cast<LuaArena*>(arena)->resize(static_cast<std::byte*>(block),
                                               block != nullptr ? old_size : 0, new_size);
}

void* LuaArena::resize(std::byte* block, std::size_t old_size, std::size_t new_size) {
  const bool last = block != nullptr && block + rounded(old_size) == memory_.get() + used_;
  if (new_size <= old_size && block != nullptr) {  // never fails
    if (last) used_ -= rounded(old_size) - rounded(new_size);
    return new_size > 0 ? block : nullptr;
  }
  const std::size_t keeps = last ? used_ - rounded(old_size) : used_;
  if (new_size > limit_ || rounded(new_size) > limit_ - std::min(limit_, keeps)) return nullptr;
  if (last) {
    used_ = keeps + rounded(new_size);
    return block;
  }
  std::byte* fresh = memory_.get() + used_;
  used_ += rounded(new_size);
  if (block != nullptr) std::memcpy(fresh, block, old_size);
  return fresh;
}

}  // namespace kpd::expression

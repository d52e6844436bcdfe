/// Memory for the factory's secrets: locked where the system allows it, in no core dump, wiped
/// when it goes. Internal to the key factory.
#pragma once

#include <cstddef>
#include <type_traits>

namespace emvcrypto::factory {

/// Whole pages, zero at first. Throws std::bad_alloc when there are none.
class LockedPages {
 public:
  explicit LockedPages(std::size_t bytes);
  LockedPages(const LockedPages&) = delete;
  LockedPages& operator=(const LockedPages&) = delete;
  ~LockedPages();

  void* data() const { return data_; }

 private:
  std::size_t bytes_;
  void* data_;
};

/// One object of plain data in locked pages; it never moves.
template <typename T>
class Locked {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Locked() : pages_(sizeof(T)) {}
  T& operator*() { return *static_cast<T*>(pages_.data()); }
  const T& operator*() const { return *static_cast<const T*>(pages_.data()); }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }

 private:
  LockedPages pages_;
};

/// Overwrites so many bytes where the compiler may not leave it out.
void wipe_memory(void* data, std::size_t bytes);

/// Overwrites what the functions called before have left below this frame of the stack.
void wipe_stack();

}  // namespace emvcrypto::factory

#include "emvcrypto/factory/locked_memory.h"

#include <sys/mman.h>

#include <array>
#include <cstring>
#include <new>

namespace emvcrypto::factory {

LockedPages::LockedPages(std::size_t bytes)
    : bytes_(bytes),
      data_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
  if (data_ == MAP_FAILED) throw std::bad_alloc();
  mlock(data_, bytes_);  // a limit of the system is no reason to stop, as for emvcrypto::Secret
  madvise(data_, bytes_, MADV_DONTDUMP);
}

LockedPages::~LockedPages() {
  wipe_memory(data_, bytes_);
  munmap(data_, bytes_);
}

void wipe_memory(void* data, std::size_t bytes) {
  explicit_bzero(data, bytes);
}

[[gnu::noinline]] void wipe_stack() {
  std::array<unsigned char, 32 * 1024> below;
  wipe_memory(below.data(), below.size());
}

}  // namespace emvcrypto::factory

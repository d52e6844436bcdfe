#include "kpd/bench/process_memory.h"

#include <malloc.h>
#include <mimalloc.h>

#include <fstream>
#include <string>

// Only the program itself is linked with this allocator.
#pragma weak mi_collect

namespace kpd {

bool reset_peak_memory() {
  if (mi_collect != nullptr) mi_collect(true);
  malloc_trim(0);
  std::ofstream file("/proc/self/clear_refs");
  file << "5";
  file.close();
  return static_cast<bool>(file);
}

std::uint64_t peak_memory() {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    if (word != "VmHWM:") continue;
    std::uint64_t kib = 0;
    file >> kib;
    return kib * 1024;
  }
  return 0;
}

}  // namespace kpd

#include "hsm/spin_locks.h"

#include <atomic>
#include <new>
#include <thread>

namespace hsm {

namespace {

constexpr int kTries = 200;

class SpinLock {
 public:
  void lock() {
    while (taken_.exchange(true, std::memory_order_acquire)) wait();
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  void wait() const {
    for (int tries = 0; taken_.load(std::memory_order_relaxed); ++tries)
      if (tries >= kTries) std::this_thread::yield();
  }

  std::atomic<bool> taken_ = false;
};

CK_RV create(void** mutex) {
  *mutex = new (std::nothrow) SpinLock;
  return *mutex == nullptr ? CKR_HOST_MEMORY : CKR_OK;
}

CK_RV destroy(void* mutex) {
  delete static_cast<SpinLock*>(mutex);
  return CKR_OK;
}

CK_RV lock(void* mutex) {
  static_cast<SpinLock*>(mutex)->lock();
  return CKR_OK;
}

CK_RV unlock(void* mutex) {
  static_cast<SpinLock*>(mutex)->unlock();
  return CKR_OK;
}

}  // namespace

MutexFunctions spin_lock_functions() {
  return {create, destroy, lock, unlock};
}

}  // namespace hsm

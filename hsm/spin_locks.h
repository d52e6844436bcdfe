/// Locks that a library gets for its own use in C_Initialize. Internal to hsm.
#pragma once

#include <p11-kit/pkcs11.h>

namespace hsm {

/// The first four members of CK_C_INITIALIZE_ARGS.
struct MutexFunctions {
  CK_CREATEMUTEX create = nullptr;
  CK_DESTROYMUTEX destroy = nullptr;
  CK_LOCKMUTEX lock = nullptr;
  CK_UNLOCKMUTEX unlock = nullptr;
};

/// For libraries that hold their locks for less than it takes to put a thread to sleep and wake it:
/// a thread tries for a moment, then lets others run and tries again.
MutexFunctions spin_lock_functions();

}  // namespace hsm

/// One process at a time at a device's door. Internal to hsm.
#pragma once

namespace hsm {

/// Held around C_Initialize, C_GetTokenInfo and C_Login: some devices' libraries fail when
/// processes of one user pass there at the same moment. An flock on a file in a private folder of
/// the user
/// ($XDG_RUNTIME_DIR/kpd, or kpd-<uid> in the folder for temporary files); it goes with its
/// process, however that ends. Processes of other users are not kept apart.
class LoginLock {
 public:
  /// Waits for the lock; none is taken for a device that asks for none. Throws SetupError when the
  /// folder is not there to be made or is not private.
  explicit LoginLock(bool needed);
  ~LoginLock();
  LoginLock(const LoginLock&) = delete;
  LoginLock& operator=(const LoginLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace hsm

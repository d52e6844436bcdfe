/// Files of a device in software that its library rewrites in place whenever somebody logs in: who
/// is killed in that moment leaves them empty, and the token is gone. Internal to hsm.
#pragma once

#include <string>
#include <vector>

namespace hsm {

/// Copies each file that fits one of the patterns (glob) beside itself as NAME.kept, on the disk
/// before it takes that name, when it is another than the copy there. Call it under the LoginLock,
/// before C_Login. Throws SetupError when a copy cannot be made.
void keep_files(const std::vector<std::string>& patterns);

/// Puts the copy of each file back that is empty or shorter than its copy. Call it under the
/// LoginLock, before C_Initialize. Returns the files that were put back. Throws SetupError.
std::vector<std::string> restore_kept_files(const std::vector<std::string>& patterns);

}  // namespace hsm

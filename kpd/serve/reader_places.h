/// The readers of this machine, behind one PC/SC service or several.
#pragma once

#include <string>
#include <vector>

#include "kpd/station/slot_place.h"

namespace kpd {

/// Readers of the service that this process reaches itself; `label` stands before their names.
/// Throws cps::SlotGone.
std::vector<SlotPlace> own_readers(const std::string& label);

/// Readers of the services behind these sockets, a list a socket, named "SOCKET/READER" by a short
/// name that tells the socket from the others. PC/SC's library reaches one service a process: the
/// others go through a process each, which ends with the thread that called this. Throws
/// Failure(usage) when a socket is named twice, cps::SlotGone.
std::vector<std::vector<SlotPlace>> readers_of_pcscds(const std::vector<std::string>& sockets);

}  // namespace kpd

/// The content of a file that a record names: a photo, a signature.
#pragma once

#include <optional>

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"

namespace kpd {

/// Reads `folder`/`name`, of at most `max` bytes; nothing when there is no such file. Names with a
/// slash or a leading dot, links, devices, pipes and folders are refused, so that no record reads
/// anything else of this machine. Faults: "file-name" "file" "file-size", none with the name in it.
/// Throws Failure(io) when the folder itself cannot be opened.
emvcrypto::Expected<std::optional<emvcrypto::Bytes>> read_content_file(const std::string& folder,
                                                                       const std::string& name,
                                                                       std::size_t max);

}  // namespace kpd

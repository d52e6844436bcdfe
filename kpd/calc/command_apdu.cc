#include "kpd/calc/command_apdu.h"

#include <fmt/format.h>

namespace kpd::calc {

Expected<CommandParts> split_command(ByteView command) {
  CommandParts parts;
  parts.header = command.first(4);
  ByteView rest = command.subspan(4);
  if (rest.size() > 1) {
    const std::size_t lc = rest[0];
    rest = rest.subspan(1);
    if (lc == 0 || rest.size() < lc || rest.size() > lc + 1)
      return emvcrypto::fault("apdu", fmt::format("Lc says {} bytes, {} follow", lc, rest.size()));
    parts.data = rest.first(lc);
    rest = rest.subspan(lc);
  }
  if (!rest.empty()) parts.le = rest[0];
  return parts;
}

}  // namespace kpd::calc

#include "kpd/chip/command.h"

namespace kpd::chip {

std::optional<Command> parse_command(ByteView apdu) {
  if (apdu.size() < 4) return std::nullopt;
  Command command{apdu[0], apdu[1], apdu[2], apdu[3], {}};
  if (apdu.size() <= 5) return command;  // cases 1 and 2
  const std::size_t lc = apdu[4];
  const ByteView body = apdu.subspan(5);
  if (lc == 0 || (body.size() != lc && body.size() != lc + 1)) return std::nullopt;
  command.data.assign(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(lc));
  return command;
}

}  // namespace kpd::chip

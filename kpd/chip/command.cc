#include "kpd/chip/command.h"

namespace kpd::chip {
namespace {

constexpr std::size_t kMostWanted = 256;  // Le 00

}  // namespace

std::optional<Command> parse_command(ByteView apdu) {
  if (apdu.size() < 4) return std::nullopt;
  Command command{apdu[0], apdu[1], apdu[2], apdu[3], {}, 0};
  const auto wanted = [](std::uint8_t le) { return le == 0 ? kMostWanted : std::size_t{le}; };
  if (apdu.size() == 5) command.le = wanted(apdu[4]);
  if (apdu.size() <= 5) return command;  // cases 1 and 2
  const std::size_t lc = apdu[4];
  const ByteView body = apdu.subspan(5);
  if (lc == 0 || (body.size() != lc && body.size() != lc + 1)) return std::nullopt;
  command.data.assign(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(lc));
  if (body.size() > lc) command.le = wanted(body[lc]);
  return command;
}

}  // namespace kpd::chip

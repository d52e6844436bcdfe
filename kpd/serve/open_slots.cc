#include "kpd/serve/open_slots.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/pcsc/pcsc_card.h"

namespace kpd {
namespace {

std::vector<SlotPlace> local_slots(const StationPlace& place) {
  std::vector<SlotPlace> slots;
  for (const std::string& reader : list_readers())
    if (reader.find(place.reader) != reader.npos)
      slots.push_back({reader, [reader] { return std::make_unique<PcscCard>(reader); }});
  return slots;
}

}  // namespace

std::vector<SlotPlace> open_slots(const ServerMachine& machine) {
  std::vector<SlotPlace> all;
  for (const StationPlace& place : machine.stations) {
    std::vector<SlotPlace> some = local_slots(place);
    if (some.empty())
      throw Failure(ExitCode::away, fmt::format("machine {}: no reader is called '{}'",
                                                machine.name, place.reader));
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace kpd

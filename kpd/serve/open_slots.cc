#include "kpd/serve/open_slots.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "kpd/exit_code.h"
#include "kpd/remote/station_address.h"
#include "kpd/serve/reader_places.h"

namespace kpd {
namespace {

std::vector<SlotPlace> readers_at(const StationPlace& place) {
  if (!place.host.empty()) {
    StationAddress address;
    address.address = place.host;
    address.tls = place.tls;
    return station_slots(address);
  }
  return own_readers("");
}

/// Places that name the same service or host share what is started or asked for them.
class Readers {
 public:
  explicit Readers(const ServerMachine& machine) {
    std::vector<std::string> sockets;
    for (const StationPlace& place : machine.stations)
      if (!place.pcscd.empty() && std::ranges::find(sockets, place.pcscd.string()) == sockets.end())
        sockets.push_back(place.pcscd.string());
    auto readers = readers_of_pcscds(sockets);
    for (std::size_t i = 0; i < sockets.size(); ++i)
      known_["|" + sockets[i]] = std::move(readers[i]);
  }

  const std::vector<SlotPlace>& at(const StationPlace& place) {
    const auto [found, is_new] = known_.try_emplace(place.host + "|" + place.pcscd.string());
    if (is_new) found->second = readers_at(place);
    return found->second;
  }

 private:
  std::map<std::string, std::vector<SlotPlace>> known_;
};

}  // namespace

std::vector<SlotPlace> open_slots(const ServerMachine& machine) {
  Readers readers(machine);
  std::vector<SlotPlace> all;
  for (const StationPlace& place : machine.stations) {
    const std::size_t before = all.size();
    for (const SlotPlace& reader : readers.at(place)) {
      const bool known = std::ranges::any_of(
          all, [&](const SlotPlace& other) { return other.name == reader.name; });
      if (!known && reader.name.find(place.reader) != reader.name.npos) all.push_back(reader);
    }
    if (all.size() == before)
      throw Failure(ExitCode::away, fmt::format("machine {}: there is no (other) reader '{}'",
                                                machine.name, place.reader));
  }
  return all;
}

}  // namespace kpd

#include <set>

#include "kpd/remote/remote_slot.h"
#include "kpd/remote/step_on_slot.h"

namespace kpd {
namespace {

constexpr std::chrono::milliseconds kFirstAnswer{10'000};

void check(const HostLink& link, const remote::Description& host) {
  const std::string station = "station " + link.station().address + ": ";
  if (host.protocol() != kStationProtocol)
    throw cps::SlotGone(station + "speaks another version of the protocol");
  if (host.instance().size() != kRemoteIdSize ||
      host.readers_size() > static_cast<int>(kMostReaders))
    throw cps::SlotGone(station + "describes itself in nonsense");
  std::set<std::string> names;
  for (const std::string& reader : host.readers())
    if (reader.empty() || reader.size() > kMostReaderName || told_text(reader) != reader ||
        !names.insert(reader).second)
      throw cps::SlotGone(station + "names its readers in nonsense");
}

}  // namespace

std::vector<SlotPlace> station_slots(const StationAddress& address) {
  const auto access = HostAccess::read(address);
  HostLink link(access);
  remote::Description host;
  const grpc::Status status = link.describe(host, kFirstAnswer);
  if (!status.ok()) throw cps::SlotGone(link.describe_failure(status));
  check(link, host);
  const std::string label = address.label.empty() ? address.address : address.label;
  std::vector<SlotPlace> places;
  for (const std::string& reader : host.readers()) {
    const std::string name = label + "/" + reader;
    places.push_back({name, [access, name, reader] {
                        return std::make_unique<RemoteSlot>(access, name, reader);
                      }});
  }
  return places;
}

}  // namespace kpd

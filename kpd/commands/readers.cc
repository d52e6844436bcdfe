#include "kpd/commands/readers.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/remote/station_address.h"
#include "kpd/serve/reader_places.h"

namespace kpd {
namespace {

bool is_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  return text.starts_with("unix:/") ||
         (colon != text.npos && colon > 0 && colon + 1 < text.size() &&
          text.find('/') == text.npos &&
          std::all_of(text.begin() + static_cast<std::ptrdiff_t>(colon) + 1, text.end(),
                      [](char c) { return c >= '0' && c <= '9'; }));
}

}  // namespace

void ReaderArguments::add_to(CLI::App& command) {
  command.add_option("--reader", names, "A reader, or a part of its name (default: all readers)");
  command
      .add_option("--pcscd", pcscds,
                  "Socket of a pcscd whose readers are used instead of the default one's (may be "
                  "repeated)")
      ->take_all()
      ->allow_extra_args(false);
  CLI::Option* station =
      command
          .add_option("--station", stations,
                      "HOST:PORT of a station host whose readers are used (may be repeated)")
          ->take_all()
          ->allow_extra_args(false);
  command
      .add_option("--station-tls", station_tls,
                  "Folder of ca.pem, client.pem and client.key for the stations")
      ->needs(station);
  command
      .add_option("--station-patience", station_patience,
                  "Seconds that a broken link to a station may last")
      ->capture_default_str()
      ->check(CLI::Range(1, 3'600));
  command.add_flag("--conveyor", conveyor,
                   "The reader presents the next card on a cold reset (virtual chips, machines)");
}

std::vector<SlotPlace> ReaderArguments::all() const {
  if (pcscds.empty() && stations.empty()) return own_readers("");
  std::vector<SlotPlace> places;
  for (const auto& readers : readers_of_pcscds(pcscds))
    places.insert(places.end(), readers.begin(), readers.end());
  for (const std::string& station : stations) {
    if (std::ranges::count(stations, station) > 1)
      throw Failure(ExitCode::usage, "--station: " + station + " is given twice");
    if (!is_address(station))
      throw Failure(ExitCode::usage, "--station: '" + station + "' is not HOST:PORT");
    if (station_tls.empty() && !station.starts_with("unix:"))
      throw Failure(ExitCode::usage,
                    "--station goes with --station-tls FOLDER; see kpd station certificates");
    StationAddress address;
    address.address = station;
    address.tls = station_tls;
    address.patience = std::chrono::seconds(station_patience);
    for (SlotPlace& place : station_slots(address)) places.push_back(std::move(place));
  }
  return places;
}

std::vector<SlotPlace> ReaderArguments::chosen() const {
  auto places = all();
  if (places.empty())
    throw Failure(ExitCode::away,
                  "no card reader is connected (for virtual ones: kpd chip --help)");
  std::vector<SlotPlace> some;
  std::vector<std::string> there;
  for (const SlotPlace& place : places) {
    there.push_back(place.name);
    if (names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& part) {
          return place.name.find(part) != place.name.npos;
        }))
      some.push_back(place);
  }
  if (some.empty())
    throw Failure(ExitCode::away,
                  fmt::format("no reader is called so; there are: {}", fmt::join(there, ", ")));
  return some;
}

}  // namespace kpd

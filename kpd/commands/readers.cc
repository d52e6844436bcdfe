#include "kpd/commands/readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "kpd/pcsc/pcsc_card.h"
#include "kpd/remote/local_station.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

void append(std::vector<SlotPlace>& to, std::vector<SlotPlace> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

/// Readers of the pcscd that this process reaches itself; `label` stands before their names.
std::vector<SlotPlace> own_readers(const std::string& label) {
  std::vector<SlotPlace> places;
  for (const std::string& reader : list_readers())
    places.push_back({label + reader, [reader] { return std::make_unique<PcscCard>(reader); }});
  return places;
}

void refuse_twice(const std::vector<std::string>& values, const std::string& option) {
  std::set<std::string> seen;
  for (const std::string& value : values)
    if (!seen.insert(value).second)
      throw Failure(ExitCode::usage, option + ": " + value + " is given twice");
}

/// The last `depth` parts of a socket's path, without what follows the last dot.
std::string tail_of(const fs::path& socket, std::size_t depth) {
  fs::path tail = socket.stem();
  fs::path folder = socket.parent_path();
  for (; depth > 1 && folder.has_relative_path(); --depth, folder = folder.parent_path())
    tail = folder.filename() / tail;
  return tail.string();
}

/// Short names of sockets: the file's stem, with as many folders before it as tell them apart.
std::vector<std::string> labels_of(const std::vector<std::string>& sockets) {
  constexpr std::size_t kDeepest = 32;
  std::vector<std::string> labels;
  for (std::size_t depth = 1; depth <= kDeepest; ++depth) {
    labels.clear();
    for (const std::string& socket : sockets) labels.push_back(tail_of(socket, depth));
    if (std::set<std::string>(labels.begin(), labels.end()).size() == sockets.size()) return labels;
  }
  return sockets;
}

std::vector<std::string> absolute(const std::vector<std::string>& sockets) {
  std::vector<std::string> paths;
  for (const std::string& socket : sockets)
    paths.push_back(fs::weakly_canonical(fs::absolute(socket)).string());
  return paths;
}

/// PC/SC's library reaches one pcscd a process: the others go through a process each.
std::vector<SlotPlace> readers_of(const std::vector<std::string>& given) {
  const auto sockets = absolute(given);
  refuse_twice(sockets, "--pcscd");
  const auto labels = labels_of(sockets);
  const char* own = std::getenv("PCSCLITE_CSOCK_NAME");
  std::vector<SlotPlace> places;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    const bool reached = own != nullptr && fs::weakly_canonical(fs::absolute(own)) == sockets[i];
    append(places, reached ? own_readers(labels[i] + "/")
                           : LocalStation::start(sockets[i])->places(labels[i]));
  }
  return places;
}

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
  refuse_twice(stations, "--station");
  std::vector<SlotPlace> places = readers_of(pcscds);
  for (const std::string& station : stations) {
    if (!is_address(station))
      throw Failure(ExitCode::usage, "--station: '" + station + "' is not HOST:PORT");
    if (station_tls.empty() && !station.starts_with("unix:"))
      throw Failure(ExitCode::usage,
                    "--station goes with --station-tls FOLDER; see kpd station certificates");
    StationAddress address;
    address.address = station;
    address.tls = station_tls;
    address.patience = std::chrono::seconds(station_patience);
    append(places, station_slots(address));
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

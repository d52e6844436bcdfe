#include "kpd/serve/reader_places.h"

#include <cstdlib>
#include <filesystem>
#include <set>

#include "kpd/exit_code.h"
#include "kpd/pcsc/pcsc_card.h"
#include "kpd/remote/local_station.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

void refuse_twice(const std::vector<std::string>& values) {
  std::set<std::string> seen;
  for (const std::string& value : values)
    if (!seen.insert(value).second)
      throw Failure(ExitCode::usage, "the PC/SC service at " + value + " is given twice");
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

}  // namespace

std::vector<SlotPlace> own_readers(const std::string& label) {
  std::vector<SlotPlace> places;
  for (const std::string& reader : list_readers())
    places.push_back({label + reader, [reader] { return std::make_unique<PcscCard>(reader); }});
  return places;
}

std::vector<std::vector<SlotPlace>> readers_of_pcscds(const std::vector<std::string>& given) {
  const auto sockets = absolute(given);
  refuse_twice(sockets);
  const auto labels = labels_of(sockets);
  const char* own = std::getenv("PCSCLITE_CSOCK_NAME");
  std::vector<std::vector<SlotPlace>> places;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    const bool reached = own != nullptr && fs::weakly_canonical(fs::absolute(own)) == sockets[i];
    places.push_back(reached ? own_readers(labels[i] + "/")
                             : LocalStation::start(sockets[i])->places(labels[i]));
  }
  return places;
}

}  // namespace kpd

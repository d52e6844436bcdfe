/// A personalisation machine as a file says it: modules in line, and how cards move between them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kpd/machine/seconds.h"

namespace kpd {

enum class ModuleKind {
  feeder,       ///< takes cards from the hopper
  encoder,      ///< magnetic stripe
  embosser,     ///< embosses characters
  printer,      ///< prints, laminates, tops: anything of a fixed time
  smart,        ///< stations that personalise chips, side by side
  reject_mark,  ///< marks failed cards, and them alone
  stacker       ///< lays good and failed cards into their trays
};

enum class LineKind {
  synchronous,   ///< one conveyor: every card moves at once, when the slowest module is done
  asynchronous,  ///< each module passes its card on as soon as the next has room
  single         ///< one card in the whole machine at a time
};

/// "feeder", as files have it.
const char* name_of(ModuleKind kind);
const char* name_of(LineKind line);

/// The most stations a smart module may have.
inline constexpr unsigned kMostStations = 64;

struct MachineModule {
  std::string name;
  ModuleKind kind = ModuleKind::printer;
  Milliseconds work{0};           ///< on one card; embosser and smart: whatever is written
  Milliseconds per_character{0};  ///< embosser
  unsigned stations = 1;          ///< cards that it holds and works on at a time; smart: 1 and more
  unsigned most_stations = 1;     ///< with which it can be had
  unsigned chip_percent = 0;      ///< smart: its part of a chip's and the host's time
};

struct MachineModel {
  std::string title;
  LineKind line = LineKind::asynchronous;
  Milliseconds transport{0};           ///< into each module, the first one too
  std::vector<MachineModule> modules;  ///< in line: a feeder first, a stacker last
  std::string good_tray, reject_tray;

  /// With so many stations in each smart module, not more than it can have.
  MachineModel with_stations(unsigned stations) const;
  /// The largest `most_stations` of its smart modules; 0: it has none.
  unsigned most_stations() const;
};

/// Reads a file of kind `machine`. Throws ConfigError with every mistake in it.
MachineModel read_machine_model(const std::filesystem::path& file);

/// The file that people mean: a path, or the bare name of one in templates/machines of those that
/// came with the program. Throws Failure(usage), which lists what is there.
std::filesystem::path find_machine_model(const std::string& model);

}  // namespace kpd

/// Machines for tests: made of a few words.
#pragma once

#include <utility>
#include <vector>

#include "kpd/machine/what_if.h"

namespace kpd_test {

inline kpd::MachineModule module(const char* name, kpd::ModuleKind kind, int milliseconds) {
  kpd::MachineModule one;
  one.name = name;
  one.kind = kind;
  one.work = kpd::Milliseconds(milliseconds);
  return one;
}

inline kpd::MachineModule smart(const char* name, int milliseconds, unsigned stations,
                                unsigned percent = 100) {
  kpd::MachineModule one = module(name, kpd::ModuleKind::smart, milliseconds);
  one.stations = stations;
  one.most_stations = kpd::kMostStations;
  one.chip_percent = percent;
  return one;
}

inline kpd::MachineModel machine(kpd::LineKind line, int transport,
                                 std::vector<kpd::MachineModule> modules) {
  return {"test", line, kpd::Milliseconds(transport), std::move(modules), "good", "reject"};
}

/// Cards of one type.
inline kpd::Batch batch(std::uint64_t cards, int chip = 0, std::uint64_t characters = 0) {
  kpd::Batch one;
  one.cards = cards;
  one.types = {{kpd::Milliseconds(chip), characters, 1}};
  return one;
}

}  // namespace kpd_test

#include "cps/store_data_units.h"

#include <algorithm>
#include <set>

namespace cps {
namespace {

using emvcrypto::fault;
using Index = std::map<DgiId, std::size_t>;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// Of a DGI whose value fills whole blocks.
std::size_t encoded_size(const Dgi& dgi, std::size_t block) {
  const std::size_t size = (dgi.value.size() + block - 1) / block * block;
  return size + (size > 0xFE ? 5 : 3);
}

// Which unit each DGI belongs to.
struct Units {
  std::vector<StoreDataUnit> units;
  std::vector<std::size_t> unit_of;
};

Expected<Units> make_units(const Application& application, const DeviceInstructions& instructions,
                           const Index& index) {
  Units made;
  made.unit_of.assign(application.dgis.size(), kNone);
  for (const auto& group : instructions.groups) {
    StoreDataUnit unit;
    for (DgiId id : group) {
      const auto at = index.find(id);
      if (at == index.end()) continue;
      if (made.unit_of[at->second] != kNone)
        return fault("store-data", "GROUP names DGI " + dgi_name(id) + " twice");
      made.unit_of[at->second] = made.units.size();
      unit.dgis.push_back(at->second);
    }
    if (!unit.dgis.empty()) made.units.push_back(std::move(unit));
  }
  for (std::size_t i = 0; i < application.dgis.size(); ++i) {
    if (made.unit_of[i] != kNone) continue;
    made.unit_of[i] = made.units.size();
    made.units.push_back({{i}, 0, false, false});
  }
  return made;
}

// Fills in what a unit's DGIs have in common.
Expected<void> describe_units(Units& made, const Application& application,
                              const DeviceInstructions& instructions, std::size_t block) {
  std::set<DgiId> secrets;
  for (const EncipheredDgi& entry : instructions.enciphered) secrets.insert(entry.id);
  const std::set<DgiId> refusable(instructions.version_control.begin(),
                                  instructions.version_control.end());
  for (StoreDataUnit& unit : made.units) {
    unit.enciphered = secrets.contains(application.dgis[unit.dgis.front()].id);
    for (std::size_t i : unit.dgis) {
      const Dgi& dgi = application.dgis[i];
      unit.size += encoded_size(dgi, unit.enciphered ? block : 1);
      unit.refusable = unit.refusable || refusable.contains(dgi.id);
      if (secrets.contains(dgi.id) != unit.enciphered)
        return fault("store-data",
                     "GROUP puts DGI " + dgi_name(dgi.id) + " together with clear and secret ones");
    }
    if (unit.refusable && unit.dgis.size() > 1)
      return fault("store-data", "GROUP holds a DGI of VERCNTL, which must go alone");
  }
  return {};
}

// Units that must go before others, by ORDER.
std::vector<std::set<std::size_t>> followers(const Units& made, const Index& index,
                                             const DeviceInstructions& instructions) {
  std::vector<std::set<std::size_t>> after(made.units.size());
  for (const auto& statement : instructions.order) {
    std::size_t before = kNone;
    for (DgiId id : statement) {
      const auto at = index.find(id);
      if (at == index.end()) continue;
      const std::size_t unit = made.unit_of[at->second];
      if (before != kNone && before != unit) after[before].insert(unit);
      before = unit;
    }
  }
  return after;
}

// The units' order: of those that may go next always the one that stands first in the file.
std::vector<std::size_t> sort_units(const Units& made,
                                    const std::vector<std::set<std::size_t>>& after) {
  std::vector<std::size_t> waits_for(made.units.size(), 0);
  for (const auto& set : after)
    for (std::size_t unit : set) ++waits_for[unit];
  std::set<std::pair<std::size_t, std::size_t>> ready;  // place in the file, unit
  const auto make_ready = [&](std::size_t unit) {
    const auto& dgis = made.units[unit].dgis;
    ready.emplace(*std::min_element(dgis.begin(), dgis.end()), unit);
  };
  for (std::size_t unit = 0; unit < waits_for.size(); ++unit)
    if (waits_for[unit] == 0) make_ready(unit);
  std::vector<std::size_t> sorted;
  while (!ready.empty()) {
    const std::size_t unit = ready.begin()->second;
    ready.erase(ready.begin());
    sorted.push_back(unit);
    for (std::size_t next : after[unit])
      if (--waits_for[next] == 0) make_ready(next);
  }
  return sorted;
}

// Whether every statement of ORDER holds for DGIs at these places.
bool keeps_order(const std::map<DgiId, std::size_t>& places,
                 const DeviceInstructions& instructions) {
  for (const auto& statement : instructions.order) {
    std::optional<std::size_t> before;
    for (DgiId id : statement) {
      const auto place = places.find(id);
      if (place == places.end()) continue;
      if (before && place->second <= *before) return false;
      before = place->second;
    }
  }
  return true;
}

}  // namespace

Expected<Index> index_dgis(const Application& application) {
  Index index;
  for (std::size_t i = 0; i < application.dgis.size(); ++i)
    if (!index.emplace(application.dgis[i].id, i).second)
      return fault("store-data", "DGI " + dgi_name(application.dgis[i].id) + " comes twice");
  return index;
}

Expected<std::vector<StoreDataUnit>> ordered_units(const Application& application,
                                                   const DeviceInstructions& instructions,
                                                   std::size_t block) {
  const auto index = index_dgis(application);
  if (!index) return tl::unexpected(index.error());
  auto made = make_units(application, instructions, *index);
  if (!made) return tl::unexpected(made.error());
  if (const auto described = describe_units(*made, application, instructions, block); !described)
    return tl::unexpected(described.error());

  std::vector<StoreDataUnit> ordered;
  std::map<DgiId, std::size_t> places;
  for (std::size_t unit : sort_units(*made, followers(*made, *index, instructions))) {
    for (std::size_t i : made->units[unit].dgis)
      places.emplace(application.dgis[i].id, places.size());
    ordered.push_back(std::move(made->units[unit]));
  }
  if (places.size() != application.dgis.size() || !keeps_order(places, instructions))
    return fault("store-data", "ORDER contradicts itself or GROUP");
  return ordered;
}

}  // namespace cps

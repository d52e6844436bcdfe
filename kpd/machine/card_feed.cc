#include "kpd/machine/card_feed.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr int kWhole = 100;

bool can_fail(const MachineModule& module) {
  return module.kind != ModuleKind::reject_mark && module.kind != ModuleKind::stacker;
}

/// 0 and more, less than 1, the same from the same seed everywhere.
double draw(std::mt19937_64& chance) {
  constexpr int kSpareBits = 11;
  constexpr double kSmallest = 0x1p-53;
  return static_cast<double>(chance() >> kSpareBits) * kSmallest;
}

Milliseconds part(Milliseconds whole, const MachineModule& module) {
  return whole * static_cast<std::int64_t>(module.chip_percent) / kWhole;
}

}  // namespace

CardFeed::CardFeed(const MachineModel& machine, const Batch& batch)
    : machine_(machine), batch_(batch), credits_(batch.types.size(), 0), chance_(batch.seed) {
  for (const auto& [name, rate] : batch.failures) {
    const auto known = [&](const MachineModule& module) {
      return module.name == name && can_fail(module);
    };
    if (std::ranges::none_of(machine.modules, known)) {
      std::string names;
      for (const MachineModule& module : machine.modules)
        if (can_fail(module)) names += (names.empty() ? "" : ", ") + module.name;
      throw Failure(ExitCode::usage,
                    fmt::format("no card can fail in '{}': name one of {}", name, names));
    }
  }
  for (const MachineModule& module : machine.modules) {
    const auto found = batch.failures.find(module.name);
    rates_.push_back(found == batch.failures.end() ? 0 : found->second);
  }
  for (const CardType& type : batch.types) shares_ += static_cast<std::int64_t>(type.share);
}

std::size_t CardFeed::next_type() {
  for (std::size_t i = 0; i < credits_.size(); ++i)
    credits_[i] += static_cast<std::int64_t>(batch_.types[i].share);
  const auto most = std::ranges::max_element(credits_);
  *most -= shares_;
  return static_cast<std::size_t>(most - credits_.begin());
}

MachineCard CardFeed::next() {
  ++dealt_;
  MachineCard card{next_type(), rates_.size()};
  // One draw a module, whatever came of the one before: a rate changes the fate of its own module.
  for (std::size_t i = rates_.size(); i-- > 0;)
    if (draw(chance_) < rates_[i] && touches(machine_.modules[i], batch_.types[card.type], false))
      card.fails_in = i;
  return card;
}

bool touches(const MachineModule& module, const CardType& card, bool failed) {
  switch (module.kind) {
    case ModuleKind::stacker:
      return true;
    case ModuleKind::reject_mark:
      return failed;
    case ModuleKind::embosser:
      return !failed && card.characters != 0;
    case ModuleKind::smart:
      return !failed && card.chip.count() != 0;
    default:
      return !failed;
  }
}

Milliseconds work_on(const MachineModule& module, const CardType& card) {
  if (module.kind == ModuleKind::embosser)
    return module.work + module.per_character * static_cast<std::int64_t>(card.characters);
  if (module.kind == ModuleKind::smart) return module.work + part(card.chip, module);
  return module.work;
}

Milliseconds host_part(const MachineModule& module, Milliseconds host) {
  return module.kind == ModuleKind::smart ? part(host, module) : Milliseconds(0);
}

}  // namespace kpd

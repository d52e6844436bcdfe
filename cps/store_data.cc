#include "cps/store_data.h"

#include <algorithm>
#include <set>

#include "cps/record_parts.h"
#include "cps/store_data_units.h"

namespace cps {
namespace {

using emvcrypto::fault;

constexpr std::uint8_t kLast = 0x80, kAllEnciphered = 0x60;
constexpr std::uint8_t kPersonalise = 0x0F;  // ACT
constexpr std::uint8_t kEcbUnderDek = 0x11;  // ENC type
constexpr std::size_t kTransportBlock = 8, kCommandMac = 8;
constexpr std::uint8_t kCommandEnc = 0x02;  // in a security level
constexpr std::size_t kMinData = 24;

Expected<void> check_secrets(const Application& application,
                             const DeviceInstructions& instructions) {
  const auto index = index_dgis(application);
  if (!index) return tl::unexpected(index.error());
  std::set<DgiId> under_key;
  for (const TransportKeyUse& use : application.transport_keys) {
    const Cmode mode{use.mode};
    if (mode != Cmode::cbc && mode != Cmode::ecb)
      return fault("store-data", "a transport key has an unknown CMODE");
    for (DgiId id : use.dgis)
      if (!under_key.insert(id).second)
        return fault("store-data", "DGI " + dgi_name(id) + " is under two transport keys");
  }
  std::set<DgiId> enciphered;
  for (const EncipheredDgi& entry : instructions.enciphered) {
    const std::string name = dgi_name(entry.id);
    const auto at = index->find(entry.id);
    if (at == index->end())
      return fault("store-data", "ENC names DGI " + name + ", which is absent");
    if (!enciphered.insert(entry.id).second)
      return fault("store-data", "ENC names DGI " + name + " twice");
    if (entry.type != kEcbUnderDek)
      return fault("store-data", "ENC has an unknown type for DGI " + name);
    const std::size_t size = application.dgis[at->second].value.size();
    if (size == 0 || size % kTransportBlock != 0)
      return fault("store-data", "secret DGI " + name + " is not made of whole blocks");
    if (!under_key.contains(entry.id))
      return fault("store-data", "no transport key is named for secret DGI " + name);
  }
  for (DgiId id : under_key)
    if (!enciphered.contains(id))
      return fault("store-data",
                   "DGI " + dgi_name(id) + " is under a transport key but not in ENC");
  return {};
}

Expected<void> check_instructions(const DeviceInstructions& instructions) {
  const std::uint8_t level = instructions.security_level;
  if (level != 0x00 && level != 0x01 && level != 0x03)
    return fault("store-data", "SECLEV is not 00, 01 or 03");
  if (!instructions.random.empty()) return fault("store-data", "RANDOM is not supported");
  if (instructions.update_cplc != 0) return fault("store-data", "UPDATEcplc is not supported");
  return {};
}

// Fills commands one by one.
class Packer {
 public:
  Packer(const CardProfile& profile, std::size_t limit) : profile_(profile), limit_(limit) {}

  Expected<void> add(const StoreDataUnit& unit) {
    if (unit.dgis.size() > 1 && (unit.size > limit_ || profile_.one_dgi_per_command))
      return fault("store-data", "a GROUP does not fit into one command of this card");
    if (unit.size > limit_) {
      for (std::size_t offset = 0; offset < unit.size; offset += limit_)
        commands_.push_back(command(unit, offset, std::min(limit_, unit.size - offset)));
    } else if (joins(unit)) {
      StoreDataCommand& last = commands_.back();
      last.dgis.insert(last.dgis.end(), unit.dgis.begin(), unit.dgis.end());
      last.length += unit.size;
    } else {
      commands_.push_back(command(unit, 0, unit.size));
    }
    open_ = unit.size <= limit_ && !unit.refusable && !profile_.one_dgi_per_command;
    return {};
  }

  std::vector<StoreDataCommand> finish() {
    commands_.back().p1 |= kLast;
    // The last command closes the personalisation: neither it nor what leads to it may be refused.
    std::size_t at = commands_.size();
    do commands_[--at].refusable = false;
    while (commands_[at].offset != 0);
    return std::move(commands_);
  }

 private:
  bool joins(const StoreDataUnit& unit) const {
    return open_ && !unit.refusable && commands_.back().enciphered == unit.enciphered &&
           commands_.back().length + unit.size <= limit_;
  }

  StoreDataCommand command(const StoreDataUnit& unit, std::size_t offset,
                           std::size_t length) const {
    const int p1 = profile_.format_bits | (unit.enciphered ? kAllEnciphered : 0);
    return {unit.dgis,       offset,        length, static_cast<std::uint8_t>(p1),
            unit.enciphered, unit.refusable};
  }

  const CardProfile& profile_;
  std::size_t limit_;
  std::vector<StoreDataCommand> commands_;
  bool open_ = false;  // the last command may take more DGIs
};

}  // namespace

Expected<const Step*> personalising_step(const Application& application) {
  const Step* found = nullptr;
  for (const Step& step : application.steps) {
    if (step.action == kPersonalise && step.tag == kCardDataTag) {
      if (found != nullptr) return fault("store-data", "two steps personalise by the same DGIs");
      found = &step;
    } else if (step.required != 0) {
      return fault("store-data", "a required processing step is not known");
    }
  }
  if (found == nullptr) return fault("store-data", "no processing step personalises by DGIs");
  return found;
}

const TransportKeyUse* transport_key_of(const Application& application, DgiId id) {
  for (const TransportKeyUse& use : application.transport_keys)
    if (std::find(use.dgis.begin(), use.dgis.end(), id) != use.dgis.end()) return &use;
  return nullptr;
}

std::size_t data_limit(const CardProfile& profile, std::uint8_t security_level, std::size_t block) {
  if (security_level == 0x00) return profile.max_data;
  const std::size_t room = profile.max_data - kCommandMac;
  // C-ENC pads with 80 00.. to whole blocks, at least one byte.
  return (security_level & kCommandEnc) != 0 ? room / block * block - 1 : room;
}

Expected<std::vector<StoreDataCommand>> plan_store_data(const Application& application,
                                                        const CardProfile& profile,
                                                        std::size_t block) {
  if (profile.max_data < kMinData || profile.max_data > 0xFF)
    return fault("store-data", "the card profile's max_data is not 24 to 255");
  if (application.dgis.empty()) return fault("store-data", "the application has no DGI");
  const auto step = personalising_step(application);
  if (!step) return tl::unexpected(step.error());
  const DeviceInstructions& instructions = (*step)->instructions;
  if (const auto checked = check_instructions(instructions); !checked)
    return tl::unexpected(checked.error());
  if (const auto checked = check_secrets(application, instructions); !checked)
    return tl::unexpected(checked.error());
  const auto units = ordered_units(application, instructions, block);
  if (!units) return tl::unexpected(units.error());

  Packer packer(profile, data_limit(profile, instructions.security_level, block));
  for (const StoreDataUnit& unit : *units)
    if (const auto added = packer.add(unit); !added) return tl::unexpected(added.error());
  return packer.finish();
}

}  // namespace cps

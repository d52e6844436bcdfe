/// GET STATUS (GlobalPlatform Card Specification 2.3, 11.4): what is on the card.
#include <algorithm>

#include "kpd/chip/card_manager.h"

namespace kpd::chip {
namespace {

using emvcrypto::append_tlv;

constexpr std::uint8_t kDomain = 0x80;  // P1
constexpr std::uint8_t kApplications = 0x40;
constexpr std::uint8_t kLoadFiles = 0x20;
constexpr std::uint8_t kLoadFilesAndModules = 0x10;
constexpr std::uint8_t kFirst = 0x02;  // P2: template E3 for each
constexpr std::uint8_t kNext = 0x03;
constexpr std::size_t kLongestAnswer = 256;

constexpr std::uint8_t kLoaded = 0x01;  // life cycle of a load file (11.1.1)
constexpr std::uint8_t kSelectable = 0x07;
constexpr std::uint8_t kPersonalised = 0x0F;
constexpr std::uint8_t kLocked = 0x80;

/// Security domain, card lock, card terminate, default selected, CVM management; authorized
/// management, global delete, lock and registry, final application (6.6.1).
constexpr std::uint8_t kDomainPrivileges[] = {0x9E, 0x5E, 0x00};

bool begins_with(ByteView aid, ByteView name) {
  return name.size() <= aid.size() && std::equal(name.begin(), name.end(), aid.begin());
}

/// AID and life cycle, as every entry begins.
Bytes beginning(ByteView aid, std::uint8_t life) {
  Bytes inner = emvcrypto::make_tlv(0x4F, aid);
  append_tlv(inner, 0x9F70, Bytes{life});
  return inner;
}

}  // namespace

/// P1 one kind of entry; data 4F { the beginning of an AID, perhaps nothing }, and a tag list (5C)
/// that is not looked at. What does not fit into one answer comes after 6310 with P2 03.
Answer CardManager::get_status(const Command& command, const CardChannel& channel) {
  const bool next = command.p2 == kNext;
  if (!next && command.p2 != kFirst) return sw::wrong_parameters;
  if (command.p1 != kDomain && command.p1 != kApplications && command.p1 != kLoadFiles &&
      command.p1 != kLoadFilesAndModules)
    return sw::wrong_parameters;
  const auto criteria = emvcrypto::parse_tlv_list(command.data);
  if (!criteria || criteria->empty() || criteria->front().tag != 0x4F) return sw::wrong_data;
  if (next && listed_kind_ != command.p1) return sw::conditions;
  const std::vector<Bytes> found = entries(command.p1, criteria->front().value);
  std::size_t at = next ? listed_ : 0;
  listed_kind_ = 0;
  if (at >= found.size()) return sw::data_not_found;
  const std::size_t room = kLongestAnswer - channel.answer_growth();
  Bytes data;
  for (; at < found.size() && data.size() + found[at].size() <= room; ++at)
    emvcrypto::append(data, found[at]);
  if (at == found.size()) return Answer(std::move(data));
  listed_kind_ = command.p1;
  listed_ = at;
  return Answer(std::move(data), sw::more_data);
}

std::vector<Bytes> CardManager::entries(std::uint8_t kind, ByteView name) const {
  if (kind == kLoadFiles || kind == kLoadFilesAndModules)
    return load_file_entries(name, kind == kLoadFilesAndModules);
  std::vector<Bytes> found;
  if (kind == kDomain && begins_with(aid(), name)) {
    Bytes inner = beginning(aid(), static_cast<std::uint8_t>(content_.life));
    append_tlv(inner, 0xC5, kDomainPrivileges);
    found.push_back(emvcrypto::make_tlv(0xE3, inner));
  }
  if (kind == kApplications)
    for (const Instance& instance : content_.instances)
      if (begins_with(instance.application->aid(), name)) found.push_back(entry_of(instance));
  return found;
}

Bytes CardManager::entry_of(const Instance& instance) const {
  const Application& application = *instance.application;
  std::uint8_t life = application.is_personalised() ? kPersonalised : kSelectable;
  if (instance.locked) life |= kLocked;
  Bytes inner = beginning(application.aid(), life);
  append_tlv(inner, 0xC5, instance.privileges);
  if (!instance.load_file.empty()) append_tlv(inner, 0xC4, instance.load_file);
  append_tlv(inner, 0xCC, aid());
  return emvcrypto::make_tlv(0xE3, inner);
}

/// Each load file once; with its modules (84) where that is asked.
std::vector<Bytes> CardManager::load_file_entries(ByteView name, bool with_modules) const {
  std::vector<Bytes> files;
  for (const ModuleConfig& module : config_.modules)
    if (begins_with(module.load_file, name) &&
        std::ranges::find(files, module.load_file) == files.end())
      files.push_back(module.load_file);
  for (Bytes& file : files) {
    Bytes inner = beginning(file, kLoaded);
    if (with_modules)
      for (const ModuleConfig& module : config_.modules)
        if (module.load_file == file) append_tlv(inner, 0x84, module.instance.aid);
    append_tlv(inner, 0xCC, aid());
    file = emvcrypto::make_tlv(0xE3, inner);
  }
  return files;
}

}  // namespace kpd::chip

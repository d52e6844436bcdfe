#include "kpd/chip/chip.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/botan_primitives.h"
#include "emvcrypto/tlv.h"

namespace kpd::chip {
namespace {

constexpr std::size_t kMostModules = 10;  // so that GET STATUS can tell them in one answer

bool is_aid(ByteView aid) {
  return aid.size() >= 5 && aid.size() <= 16;
}

bool fits(const Scp& scp, const Secret& key) {
  if (std::holds_alternative<Scp02Option>(scp)) return key.size() == 16;
  return key.size() == 16 || key.size() == 24 || key.size() == 32;
}

void check(const ChipConfig& config) {
  if (config.key_data.size() != 10) throw std::invalid_argument("KEYDATA has 10 bytes");
  for (const Secret* key : {&config.keys.enc, &config.keys.mac, &config.keys.dek})
    if (!fits(config.scp, *key) || key->size() != config.keys.enc.size())
      throw std::invalid_argument("a card key has 16 bytes, under SCP03 16, 24 or 32");
  if (config.atr.empty() || config.max_command_data > 255)
    throw std::invalid_argument("a chip has an ATR and takes at most 255 bytes of command data");
  bool aids_fit = config.card_manager.empty() || is_aid(config.card_manager);
  for (const InstanceConfig& instance : config.instances) aids_fit &= is_aid(instance.aid);
  for (const ModuleConfig& module : config.modules)
    aids_fit &= is_aid(module.load_file) && is_aid(module.instance.aid);
  if (!aids_fit) throw std::invalid_argument("an AID has 5-16 bytes");
  if (config.modules.size() > kMostModules)
    throw std::invalid_argument("a chip has at most 10 modules");
  if (config.from_factory && config.card_manager.empty())
    throw std::invalid_argument("a chip straight from the factory has a security domain");
  if (config.native && !config.card_manager.empty())
    throw std::invalid_argument("a native card has no security domain");
}

/// The configuration, if its lengths are right.
ChipConfig checked(ChipConfig config) {
  check(config);
  return config;
}

/// SELECT by file identifier under the selected application, rather than by name.
bool selects_file(const Command& command) {
  return command.p1 == 0x00 || command.p1 == 0x02;
}

/// SELECT of a native card's master file by its identifier.
bool names_master_file(const Command& command) {
  return command.p1 == 0x00 && std::ranges::equal(command.data, Bytes{0x3F, 0x00});
}

/// Partial names match (EMV 4.4 Book 1, 12.3.1).
bool begins_with(ByteView aid, ByteView name) {
  return name.size() <= aid.size() && std::equal(name.begin(), name.end(), aid.begin());
}

}  // namespace

Random system_random() {
  return [](MutableBytes out) { emvcrypto::botan::random(out); };
}

Chip::Chip(ChipConfig config, Random random)
    : config_(checked(std::move(config))),
      random_(std::move(random)),
      content_(config_, state_, random_),
      speaks_t0_(offers_only_t0(config_.atr)) {
  if (!config_.card_manager.empty())
    manager_ = std::make_unique<CardManager>(config_, content_, state_, random_);
  if (config_.native) native_ = std::make_unique<NativeCard>(config_, content_, state_, random_);
}

Bytes Chip::power_on() {
  reset();
  powered_ = true;
  state_.contactless = false;
  return config_.atr;
}

Bytes Chip::enter_field() {
  reset();
  powered_ = true;
  state_.contactless = true;
  return config_.atr;
}

void Chip::power_off() {
  reset();
  powered_ = false;
}

Bytes Chip::warm_reset() {
  if (!powered_) return {};
  return state_.contactless ? enter_field() : power_on();
}

Bytes Chip::transmit(ByteView apdu) {
  if (!powered_) return {};
  const auto work = [this](ByteView command) { return process(command); };
  return (speaks_t0_ ? t0_link_.transmit(apdu, work) : work(apdu)).encoded();
}

bool Chip::is_personalised(ByteView aid) const {
  return std::ranges::any_of(content_.instances, [&](const auto& instance) {
    return std::ranges::equal(instance.application->aid(), aid) &&
           instance.application->is_personalised();
  });
}

void Chip::reset() {
  end_session();
  for (const Instance& instance : content_.instances) instance.application->reset();
  selected_ = kNone;
  t0_link_.reset();
}

Answer Chip::process(ByteView apdu) {
  const auto command = parse_command(apdu);
  if (!command || command->data.size() > config_.max_command_data) return sw::wrong_length;
  if (state_.blocked) return sw::not_supported;
  const bool asks_data = (command->cla & 0x7F) == 0 && command->ins == 0xCA;
  if (asks_data && command->p1p2() == 0x00CF) return key_data_answer();
  if (native_ && !native_->is_finished()) return make_native(*command);
  if (native_ && NativeCard::is_making(*command)) return sw::conditions;
  if (content_.life == CardLife::terminated)
    return asks_data ? manager_->get_data(*command) : Answer(sw::not_supported);
  if (command->cla == 0x00 && command->ins == 0xA4) {
    const bool of_file = selects_file(*command) && selected_ != kNone &&
                         selected_application().is_personalised() &&
                         selected_application().has_files();
    if (of_file) return selected_application().process(*command);
    return native_ && names_master_file(*command) ? select_master_file() : select(*command);
  }
  if (selected_ == kNone) return manager_ ? manage(*command) : Answer(sw::conditions);
  if ((command->cla & 0xFB) == 0x80 &&
      (command->ins == 0x50 || command->ins == 0x82 || command->ins == 0xE2))
    return personalise(*command);
  Application& application = selected_application();
  return application.is_personalised() ? application.process(*command) : Answer(sw::conditions);
}

/// SELECT by name: P2 00 the first instance whose AID begins with the name, 02 the next one after
/// the selected. When there is none the selection stays as it is. The issuer security domain comes
/// before all instances and is what an empty name means.
Answer Chip::select(const Command& command) {
  if (command.p1 != 0x04 || (command.p2 != 0x00 && command.p2 != 0x02)) return sw::wrong_parameters;
  if (names_manager(command)) {
    reset();
    return manager_->select();
  }
  if (command.data.empty() || command.data.size() > 16) return sw::wrong_length;
  if (content_.life == CardLife::locked) return sw::not_supported;
  const bool next = command.p2 == 0x02 && selected_ != kNone;
  for (std::size_t at = next ? selected_ + 1 : 0; at < content_.instances.size(); ++at) {
    const Instance& instance = content_.instances[at];
    Application& application = *instance.application;
    if (!begins_with(application.aid(), command.data) || !application.is_reachable() ||
        instance.locked)
      continue;
    reset();
    selected_ = at;
    return application.select();
  }
  return sw::not_found;
}

Answer Chip::select_master_file() {
  reset();
  return native_->master_control();
}

bool Chip::names_manager(const Command& command) const {
  return manager_ && command.p2 == 0x00 && begins_with(manager_->aid(), command.data);
}

Answer Chip::key_data_answer() const {
  Bytes value{content_.keys.front().version};
  emvcrypto::append(value, content_.key_data);
  return Answer(emvcrypto::make_tlv(0xCF, value));
}

}  // namespace kpd::chip

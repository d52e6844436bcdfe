/// INSTALL and DELETE (GlobalPlatform Card Specification 2.3, 11.5, 11.2): instances come and go.
#include <algorithm>
#include <array>

#include "kpd/chip/card_manager.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kInstallAndMakeSelectable = 0x0C;  // P1
constexpr std::uint8_t kForPersonalisation = 0x20;
constexpr std::uint8_t kWithRelated = 0x80;  // P2 of DELETE

/// The data of the confirmation: no receipt follows.
const Bytes kNoReceipt{0x00};

bool is_aid(ByteView value) {
  return value.size() >= 5 && value.size() <= 16;
}

/// The six fields, each after a byte of length (11.5.2.3).
struct Fields {
  ByteView load_file, module, instance, privileges, parameters, token;
};

/// Nothing when the data are not exactly those.
std::optional<Fields> read_fields(ByteView data) {
  std::array<ByteView, 6> parts;
  for (ByteView& part : parts) {
    if (data.empty() || data.size() < std::size_t{1} + data[0]) return std::nullopt;
    part = data.subspan(1, data[0]);
    data = data.subspan(std::size_t{1} + data[0]);
  }
  if (!data.empty()) return std::nullopt;
  return Fields{parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]};
}

/// Install parameters hold the application's own (C9) first; what is in it is not looked at.
bool are_parameters(ByteView value) {
  const auto list = emvcrypto::parse_tlv_list(value);
  return list && !list->empty() && list->front().tag == 0xC9;
}

}  // namespace

Answer CardManager::install(const Command& command) {
  if (command.p2 != 0) return sw::wrong_parameters;
  target_.reset();
  switch (command.p1) {
    case kInstallAndMakeSelectable:
      return install_instance(command.data);
    case kForPersonalisation:
      return begin_personalisation(command.data);
    default:
      return sw::not_supported;
  }
}

/// 6A80 for fields that are malformed or an AID that is taken, 6A88 for a module that is not there.
/// An empty instance AID means that of the module.
Answer CardManager::install_instance(ByteView data) {
  const auto fields = read_fields(data);
  if (!fields || !are_parameters(fields->parameters) || !fields->token.empty() ||
      (fields->privileges.size() != 1 && fields->privileges.size() != 3))
    return sw::wrong_data;
  const auto module = std::ranges::find_if(config_.modules, [&](const ModuleConfig& one) {
    return std::ranges::equal(one.load_file, fields->load_file) &&
           std::ranges::equal(one.instance.aid, fields->module);
  });
  if (module == config_.modules.end()) return sw::data_not_found;
  InstanceConfig config = module->instance;
  if (!fields->instance.empty())
    config.aid.assign(fields->instance.begin(), fields->instance.end());
  if (!is_aid(config.aid) || std::ranges::equal(config.aid, aid()) ||
      content_.find_instance(config.aid) != nullptr)
    return sw::wrong_data;
  Instance instance;
  instance.application = make_application(config, state_, random_);
  instance.counter = config_.sequence_counter;
  instance.load_file = module->load_file;
  instance.module = module->instance.aid;
  instance.privileges.assign(fields->privileges.begin(), fields->privileges.end());
  content_.instances.push_back(std::move(instance));
  return Answer(kNoReceipt);
}

/// The next STORE DATA are the instance's, until its last block or the end of the session. Nothing
/// but the AID is in the fields (11.5.2.3.6).
Status CardManager::begin_personalisation(ByteView data) {
  const auto fields = read_fields(data);
  if (!fields || !fields->load_file.empty() || !fields->module.empty() ||
      !fields->privileges.empty() || !fields->parameters.empty() || !fields->token.empty())
    return sw::wrong_data;
  Instance* const instance = content_.find_instance(fields->instance);
  if (instance == nullptr) return sw::data_not_found;
  if (instance->locked || instance->application->is_personalised() || content_.in_factory)
    return sw::conditions;
  target_ = std::make_unique<Personalisation>(*instance->application, config_.one_dgi_per_command);
  return sw::ok;
}

/// DELETE of one instance, 4F { AID }; whatever is in ROM stays (6985).
Answer CardManager::remove(const Command& command) {
  if (command.p1 != 0 || (command.p2 != 0 && command.p2 != kWithRelated))
    return sw::wrong_parameters;
  ByteView rest = command.data;
  const auto name = emvcrypto::next_tlv(rest);
  if (!name || name->tag != 0x4F || !rest.empty()) return sw::wrong_data;
  const bool in_rom = std::ranges::equal(name->value, aid()) ||
                      std::ranges::any_of(config_.modules, [&](const ModuleConfig& module) {
                        return std::ranges::equal(module.load_file, name->value);
                      });
  const Instance* const instance = content_.find_instance(name->value);
  if (instance == nullptr) return in_rom ? sw::conditions : sw::data_not_found;
  target_.reset();
  content_.instances.erase(content_.instances.begin() + (instance - content_.instances.data()));
  return Answer(kNoReceipt);
}

}  // namespace kpd::chip

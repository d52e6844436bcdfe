#include "kpd/chip/card_content.h"

#include <algorithm>

#include "kpd/chip/directory_application.h"
#include "kpd/chip/file_application.h"
#include "kpd/chip/payment_application.h"

namespace kpd::chip {

CardContent::CardContent(const ChipConfig& config, CardState& card, const Random& random) {
  if (!config.native)
    for (const InstanceConfig& instance : config.instances)
      instances.push_back({.application = make_application(instance, card, random),
                           .counter = config.sequence_counter});
  in_factory = config.from_factory;
  key_data = config.key_data;
  keys.push_back({in_factory ? kFactoryVersion : config.key_version, config.keys.duplicate(),
                  config.sequence_counter});
}

KeySet* CardContent::find_keys(std::uint8_t version) {
  if (version == 0) return &keys.front();
  const auto found =
      std::ranges::find_if(keys, [&](const KeySet& set) { return set.version == version; });
  return found == keys.end() ? nullptr : &*found;
}

Instance* CardContent::find_instance(ByteView aid) {
  const auto found = std::ranges::find_if(instances, [&](const Instance& instance) {
    return std::ranges::equal(instance.application->aid(), aid);
  });
  return found == instances.end() ? nullptr : &*found;
}

std::unique_ptr<Application> make_application(const InstanceConfig& config, CardState& card,
                                              const Random& random) {
  if (config.kind == ApplicationKind::directory)
    return std::make_unique<DirectoryApplication>(config.aid);
  if (config.kind == ApplicationKind::files) return std::make_unique<FileApplication>(config.aid);
  return std::make_unique<PaymentApplication>(config, card, random);
}

}  // namespace kpd::chip

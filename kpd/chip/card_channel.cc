#include "kpd/chip/card_channel.h"

#include "kpd/chip/scp02_card.h"
#include "kpd/chip/scp03_card.h"

namespace kpd::chip {

std::unique_ptr<CardChannel> begin_channel(const Scp& scp, const ChannelStart& start) {
  if (const auto* option = std::get_if<Scp03Option>(&scp))
    return std::make_unique<Scp03CardSession>(start.keys, *option, start.sequence,
                                              start.host_challenge, start.aid, start.random);
  return std::make_unique<Scp02CardSession>(start.keys, std::get<Scp02Option>(scp),
                                            static_cast<std::uint16_t>(start.sequence),
                                            start.host_challenge, start.aid, start.random);
}

std::uint32_t last_sequence(const Scp& scp) {
  return std::holds_alternative<Scp03Option>(scp) ? 0xFFFFFF : 0xFFFF;
}

}  // namespace kpd::chip

#include "kpd/chip/personalisation.h"

#include "kpd/chip/padding.h"

namespace kpd::chip {

std::optional<Secret> open_secret(const Application& application, DgiId id, ByteView blocks,
                                  const CardChannel& channel) {
  const std::size_t block = channel.block_size();
  if (blocks.empty() || blocks.size() % block != 0) return std::nullopt;
  Secret clear = channel.decipher(blocks);
  if (block != kAesBlock || !application.is_padded(id)) return clear;
  const auto value = without_padding_80(clear.expose(), block);
  if (!value) return std::nullopt;
  return Secret(*value);
}

Personalisation::Personalisation(Application& application, bool one_dgi_per_command)
    : application_(application), blocks_(one_dgi_per_command) {
  application_.erase();
}

Status Personalisation::store(const Command& command, const CardChannel& channel) {
  const Status status = blocks_.take(command, command.data,
                                     [&](const ReceivedDgi& dgi) { return load(dgi, channel); });
  if (status != sw::ok || !BlockReader::is_last(command)) return status;
  const Status closed = application_.complete();
  if (closed != sw::ok) blocks_.uncount();
  return closed;
}

/// An empty value may stand in an enciphered block.
Status Personalisation::load(const ReceivedDgi& dgi, const CardChannel& channel) {
  const DgiKind kind = application_.kind_of(dgi.id);
  if (kind == DgiKind::unknown) return sw::data_not_found;
  if (kind == DgiKind::clear) {
    if (dgi.encipherment == Encipherment::all && !dgi.value.empty()) return sw::wrong_data;
    return application_.load(dgi.id, dgi.value);
  }
  if (dgi.encipherment == Encipherment::none) return sw::security;
  const auto clear = open_secret(application_, dgi.id, dgi.value, channel);
  return clear ? application_.load(dgi.id, clear->expose()) : sw::wrong_data;
}

}  // namespace kpd::chip

#include <stdexcept>

#include "cps/exchange.h"
#include "cps/load_stage.h"

namespace cps {
namespace {

using emvcrypto::Scp02Session;

constexpr std::uint16_t kUnknownDgi = 0x6A88;

std::string command_text(const LoadStage& stage, const StoreDataCommand& command,
                         std::uint8_t block) {
  std::string text = "STORE DATA " + emvcrypto::to_hex(ByteView(&block, 1)) + " (DGI ";
  for (std::size_t i = 0; i < command.dgis.size(); ++i)
    text += (i == 0 ? "" : ", ") + dgi_name(stage.application.dgis[command.dgis[i]].id);
  return text + (command.offset == 0 ? ")" : ", continued)");
}

/// The encodings of a command's DGIs, secrets under the session's DEK.
Bytes encode_dgis(LoadVisit& visit, const LoadStage& stage, const StoreDataCommand& command,
                  Scp02Session& session) {
  Bytes encoded;
  for (std::size_t i : command.dgis) {
    Dgi dgi = stage.application.dgis[i];
    if (command.enciphered) {
      const TransportKeyUse& use = *transport_key_of(stage.application, dgi.id);
      const std::size_t size = dgi.value.size();
      dgi.value = visit.keys.rewrap(use.key_id, use.mode, dgi.value, session);
      if (dgi.value.size() != size)
        throw std::logic_error("the key service changed the length of a secret");
    }
    append_dgi(encoded, dgi);
  }
  return encoded;
}

}  // namespace

Dialogue<bool> store_dgis(LoadVisit& visit, const LoadStage& stage, Scp02Session& session) {
  const std::size_t count = stage.commands.size();
  std::uint8_t block = 0;  // P2: FF is followed by 00
  bool stored = false;
  Bytes encoded;
  for (std::size_t at = 0; at < count; ++at) {
    const StoreDataCommand& command = stage.commands[at];
    visit.result.command = command_text(stage, command, block);
    LoadEvent event = event_of(visit, stage);
    event.block = at + 1;
    event.blocks = count;
    if (command.offset == 0) encoded = encode_dgis(visit, stage, command, session);
    if (at == 0 || at + 1 == count) visit.observer.before_irreversible(event);

    const Bytes header{0x80, 0xE2, command.p1, block};
    auto storing = exchange_raw(
        session.wrap(header, ByteView(encoded).subspan(command.offset, command.length)),
        &visit.result.apdus);
    ++visit.result.store_data;
    const Response response = co_await storing;
    const bool tolerated = command.refusable && response.kind == Response::Kind::answered &&
                           response.status() == kUnknownDgi;
    if (tolerated) {
      visit.result.warnings.push_back(visit.result.command + ": 6A88, as VERCNTL allows");
      while (stage.commands[at + 1].offset != 0) ++at;
    } else if (!accepted(visit, stage, response,
                         stored ? LoadOutcome::refused : refusal_at_start(response))) {
      co_return false;
    }
    stored = stored || !tolerated;
    if (!tolerated || visit.options.profile.refused_block_counts) ++block;
    visit.observer.progress(event);
  }
  co_return true;
}

}  // namespace cps

#include <stdexcept>

#include "cps/load_visit.h"
#include "cps/store_block.h"

namespace cps {
namespace {

using emvcrypto::SecureChannel;

constexpr std::uint16_t kUnknownDgi = 0x6A88;

std::string command_text(const Application& application, const StoreDataCommand& command,
                         std::uint8_t block) {
  std::string text = "STORE DATA " + emvcrypto::to_hex(ByteView(&block, 1)) + " (DGI ";
  for (std::size_t i = 0; i < command.dgis.size(); ++i)
    text += (i == 0 ? "" : ", ") + dgi_name(application.dgis[command.dgis[i]].id);
  return text + (command.offset == 0 ? ")" : ", continued)");
}

/// The encodings of a command's DGIs, secrets under the session's DEK.
Bytes encode_dgis(LoadVisit& visit, const Application& application, const StoreDataCommand& command,
                  SecureChannel& session) {
  Bytes encoded;
  for (std::size_t i : command.dgis) {
    Dgi dgi = application.dgis[i];
    if (command.enciphered) {
      const TransportKeyUse& use = *transport_key_of(application, dgi.id);
      const std::size_t block = session.block_size();
      const std::size_t size = (dgi.value.size() + block - 1) / block * block;
      dgi.value = visit.keys.rewrap(use.key_id, use.mode, dgi.value, session);
      if (dgi.value.size() != size)
        throw std::logic_error("the key service gave a secret of another length than planned");
    }
    append_dgi(encoded, dgi);
  }
  return encoded;
}

}  // namespace

Dialogue<bool> store_dgis(LoadVisit& visit, const Application& application,
                          const std::vector<StoreDataCommand>& commands, SecureChannel& session) {
  const std::size_t count = commands.size();
  StoreBlock block;
  bool stored = false;
  Bytes encoded;
  for (std::size_t at = 0; at < count; ++at) {
    const StoreDataCommand& command = commands[at];
    visit.result.command = command_text(application, command, block.number());
    LoadEvent event = event_of(visit);
    event.block = at + 1;
    event.blocks = count;
    if (command.offset == 0) encoded = encode_dgis(visit, application, command, session);
    if (at == 0 || at + 1 == count) visit.observer.before_irreversible(event);

    const ByteView part = ByteView(encoded).subspan(command.offset, command.length);
    const auto [cla, ins, p1, p2] = block.header(command.p1);
    auto storing =
        exchange_secured(session, {cla, ins, p1, p2, Bytes(part.begin(), part.end()), std::nullopt},
                         &visit.result.apdus);
    ++visit.result.store_data;
    const auto answer = co_await storing;
    if (!answer) {
      end_load(visit, LoadOutcome::refused, 0, answer.error().reason);
      co_return false;
    }
    const Response& response = *answer;
    const bool tolerated = command.refusable && response.kind == Response::Kind::answered &&
                           response.status() == kUnknownDgi;
    if (tolerated) {
      visit.result.warnings.push_back(visit.result.command + ": 6A88, as VERCNTL allows");
      while (commands[at + 1].offset != 0) ++at;
    } else if (!accepted(visit, response,
                         stored ? LoadOutcome::refused : refusal_at_start(response))) {
      co_return false;
    }
    stored = stored || !tolerated;
    if (!tolerated || visit.options.profile.refused_block_counts) block.next();
    visit.observer.progress(event);
  }
  co_return true;
}

}  // namespace cps

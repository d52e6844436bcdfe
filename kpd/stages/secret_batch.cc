#include "kpd/stages/secret_batch.h"

#include <algorithm>
#include <stdexcept>

namespace kpd {
namespace {

constexpr std::size_t kBlock = 8;

}  // namespace

hsm::Secret padded_secret(ByteView value, PadRule pad) {
  const std::size_t rest = value.size() % kBlock;
  if (pad == PadRule::never && rest != 0)
    throw std::invalid_argument("a secret DGI is no whole number of blocks and may not be padded");
  const bool add = pad == PadRule::always || (pad == PadRule::if_needed && rest != 0);
  hsm::Secret padded(add ? value.size() - rest + kBlock : value.size());
  std::copy(value.begin(), value.end(), padded.expose_mutable().begin());
  if (add) padded.expose_mutable()[value.size()] = 0x80;
  return padded;
}

void SecretBatch::add(std::size_t card, std::size_t application, cps::DgiId id, ByteView value,
                      PadRule pad) {
  entries_.push_back({card, application, id, padded_secret(value, pad)});
  size_ += entries_.back().value.size();
}

void SecretBatch::finish(hsm::Token& token, const hsm::Key& transport_key, Chunk& chunk) {
  if (entries_.empty()) return;
  hsm::Secret all(size_);
  std::size_t at = 0;
  for (const Entry& entry : entries_) {
    std::copy(entry.value.expose().begin(), entry.value.expose().end(),
              all.expose_mutable().begin() + static_cast<std::ptrdiff_t>(at));
    at += entry.value.size();
  }
  token.encrypt_ecb(transport_key, all.expose_mutable());
  at = 0;
  for (const Entry& entry : entries_) {
    pb::Dgi* dgi = chunk.cards[entry.card]
                       .mutable_applications(static_cast<int>(entry.application))
                       ->add_secrets();
    dgi->set_id(entry.id);
    dgi->set_value(to_field(all.expose().subspan(at, entry.value.size())));
    at += entry.value.size();
  }
  entries_.clear();
  size_ = 0;
}

}  // namespace kpd

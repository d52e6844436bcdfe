#include "kpd/stages/secret_batch.h"

#include <algorithm>
#include <stdexcept>

#include "kpd/keys/secret_cipher.h"

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

void SecretBatch::add(std::size_t card, std::size_t application, const DgiPlan& dgi,
                      ByteView value) {
  entries_.push_back(
      {card, application, dgi.id, output_.cmode_of(dgi).value(), padded_secret(value, dgi.pad)});
}

void SecretBatch::finish(hsm::Token& token, const hsm::Key& transport_key, Chunk& chunk) {
  std::vector<SecretMessage> messages;
  messages.reserve(entries_.size());
  for (Entry& entry : entries_) messages.push_back({entry.value.expose_mutable(), entry.mode});
  encipher_secrets(token, transport_key, messages, output_.initial_value);
  for (const Entry& entry : entries_) {
    pb::Dgi* dgi = chunk.cards[entry.card]
                       .mutable_applications(static_cast<int>(entry.application))
                       ->add_secrets();
    dgi->set_id(entry.id);
    dgi->set_value(to_field(entry.value.expose()));
  }
  entries_.clear();
}

}  // namespace kpd

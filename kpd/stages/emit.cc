#include "kpd/stages/emit.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "kpd/exit_code.h"
#include "kpd/keys/transport_keys.h"
#include "kpd/stages/chip_record.h"

namespace kpd {
namespace {

cps::Module text_module(std::string_view mic, std::string_view text) {
  return {std::string(mic), Bytes(text.begin(), text.end())};
}

}  // namespace

Emit::Emit(const Plan& plan, std::shared_ptr<hsm::Token> token, HostWindows& windows,
           std::ostream& out, ByteView run, std::uint16_t generation,
           std::span<const cps::WrappedKey> transport_keys)
    : plan_(plan),
      generation_(generation),
      out_(out),
      mac_(token,
           plan.output.record_mac ? token->find(plan.keys[plan.key(kMacRole)].uri) : hsm::Key(),
           windows) {
  if (plan_.output.record_mac) {
    mac_key_ = mac_.draw_key();
    mac_.macs(mac_key_, {});  // opens it now: a refused window stops the run before its first card
  }
  for (const CardPlan& card : plan_.cards) frames_.push_back(frame_of(plan_, card));
  try {
    encoder_ = cps::make_card_encoder(make_header(*token, run, transport_keys));
  } catch (const std::invalid_argument& wrong) {
    throw Failure(ExitCode::usage, fmt::format("the output profile: {}", wrong.what()));
  }
  write_bytes(encoder_->header());
}

cps::FileHeader Emit::make_header(hsm::Token& token, ByteView run,
                                  std::span<const cps::WrappedKey> transport_keys) const {
  cps::FileHeader header;
  header.format = plan_.output.format;
  header.run = emvcrypto::to_hex(run);
  header.job = plan_.job;
  header.plan_digest = plan_.digest;
  header.date = plan_.date.iso();
  header.test = plan_.test;
  header.chip_mic = plan_.output.chip_mic;
  header.layout = plan_.output.layout;
  header.initial_value = plan_.output.initial_value;
  header.lines = plan_.output.lines;
  header.tagged = plan_.output.tagged;
  for (std::size_t i = 0; i < header.tagged.cards.size(); ++i)
    header.tagged.cards[i].frame = frames_[i];
  header.keys.assign(transport_keys.begin(), transport_keys.end());
  if (plan_.output.record_mac) {
    cps::WrappedKey mac;
    mac.id = transport_key_id(TransportUse::mac, plan_.output.layout);
    mac.use = use_name(TransportUse::mac);
    mac.algorithm = "3DES";
    mac.method = "in-record";
    mac.kek = token.find(plan_.keys[plan_.key(kMacRole)].uri).label();
    mac.kek_kcv = plan_.keys[plan_.key(kMacRole)].kcv;
    mac.wrapped = mac_key_;
    header.keys.push_back(std::move(mac));
  }
  return header;
}

void Emit::write_bytes(ByteView bytes) {
  digest_.update(bytes);
  out_.write(emvcrypto::as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  if (!out_)
    throw Failure(ExitCode::io,
                  "the card file cannot be written (is the disk full?); the old file, "
                  "if there was one, is untouched");
}

emvcrypto::Expected<cps::CardContent> Emit::make_content(const pb::Card& card) const {
  const CardPlan& plan = plan_.cards[card.card()];
  cps::CardContent content;
  content.layout = card.card();
  content.modules.push_back(text_module(cps::kReferenceMic, field_of(card, plan_.roles.record_id)));
  content.modules.push_back(text_module(cps::kTypeMic, plan.product));
  for (std::size_t m = 0; m < plan.modules.size(); ++m)
    content.modules.push_back(text_module(plan.modules[m].mic, card.modules(static_cast<int>(m))));
  for (const LineTextPlan& field : plan_.output.line_texts) {
    const emvcrypto::Expected<std::string> text = expand(field.by_card[card.card()], card);
    if (!text) return tl::unexpected(text.error());
    content.modules.push_back(text_module(field.name, *text));
  }
  content.record = make_chip_record(frames_[card.card()], card,
                                    card_reference(plan_, card.ordinal(), generation_));
  return content;
}

/// The MAC of an application may cover those before it with theirs, so applications go in rounds.
void Emit::add_macs(std::vector<cps::CardContent>& cards, ChunkFaults& faults) {
  for (cps::CardContent& card : cards)
    for (cps::Application& application : card.record.applications) application.mac_key = mac_key_;
  for (std::size_t round = 0;; ++round) {
    std::vector<cps::Application*> chosen;
    std::vector<Bytes> inputs;
    for (std::size_t i = 0; i < cards.size(); ++i) {
      cps::Record& record = cards[i].record;
      if (faults.has(i) || round >= record.applications.size()) continue;
      try {
        inputs.push_back(cps::mac_input(record, round, plan_.output.layout));
        chosen.push_back(&record.applications[round]);
      } catch (const std::length_error& wrong) {
        faults.set(i, "", {"output", wrong.what()});
      }
    }
    if (chosen.empty()) return;
    const std::vector<Bytes> macs = mac_.macs(mac_key_, inputs);
    for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i]->mac = macs[i];
  }
}

void Emit::run(Chunk& chunk) {
  ChunkFaults faults(chunk);
  std::vector<cps::CardContent> cards;
  cards.reserve(chunk.cards.size());
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    auto content = make_content(chunk.cards[i]);
    if (!content) faults.set(i, "", content.error());
    cards.push_back(content ? *std::move(content) : cps::CardContent());
  }
  if (plan_.output.record_mac) add_macs(cards, faults);
  for (std::size_t i = 0; i < cards.size(); ++i) {
    if (faults.has(i)) continue;
    const auto bytes = encoder_->card(cards[i]);
    if (bytes)
      emvcrypto::append(chunk.written, *bytes);
    else
      faults.set(i, "", bytes.error());
  }
  faults.apply(chunk, plan_, "emit");
}

void Emit::write(Chunk& chunk) {
  write_bytes(chunk.written);
  records_ += chunk.cards.size();
}

void Emit::finish(std::uint64_t read, std::uint64_t rejected) {
  if (read != records_ + rejected)
    throw Failure(ExitCode::internal,
                  fmt::format("the books do not balance: {} records read, {} written, {} rejected",
                              read, records_, rejected));
  trailer_.read = read;
  trailer_.records = records_;
  trailer_.rejected = rejected;
  const Bytes digest = digest_.finish();
  trailer_.digest = emvcrypto::to_hex(digest);
  if (plan_.output.record_mac) trailer_.mac = mac_.whole_mac(mac_key_, digest);
  const Bytes bytes = encoder_->trailer(trailer_);
  out_.write(emvcrypto::as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  out_.flush();
  if (!out_) throw Failure(ExitCode::io, "the card file cannot be written to its end");
}

}  // namespace kpd

#include "kpd/stages/emit.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/exit_code.h"
#include "kpd/keys/transport_keys.h"

namespace kpd {
namespace {

// CMODE 11: ECB; the values are padded for the card already (EMV CPS 1.1, 2.6).
constexpr std::uint8_t kEcb = 0x11;

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
  cps::FileHeader header;
  header.run = emvcrypto::to_hex(run);
  header.job = plan_.job;
  header.plan_digest = plan_.digest;
  header.date = plan_.date.iso();
  header.test = plan_.test;
  header.chip_mic = plan_.output.chip_mic;
  header.key_id_length = plan_.output.layout.key_id_length;
  header.keys.assign(transport_keys.begin(), transport_keys.end());
  if (plan_.output.record_mac) {
    cps::WrappedKey mac;
    mac.id = transport_key_id(TransportUse::mac, plan_.output.layout);
    mac.use = use_name(TransportUse::mac);
    mac.algorithm = "3DES";
    mac.method = "in-record";
    mac.kek = token->find(plan_.keys[plan_.key(kMacRole)].uri).label();
    mac.kek_kcv = plan_.keys[plan_.key(kMacRole)].kcv;
    mac.wrapped = mac_key_;
    header.keys.push_back(std::move(mac));
  }
  write(cps::encode_header(header));
}

void Emit::write(ByteView bytes) {
  digest_.update(bytes);
  out_.write(emvcrypto::as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  if (!out_)
    throw Failure(ExitCode::io,
                  "the card file cannot be written (is the disk full?); the old file, "
                  "if there was one, is untouched");
}

cps::Application Emit::make_application(const ApplicationPlan& plan,
                                        const pb::Application& made) const {
  cps::Application application;
  application.aid = plan.aid;
  application.owner = plan.owner;
  const auto use = [&](TransportUse what, std::initializer_list<DgiPlan::Kind> kinds) {
    cps::TransportKeyUse entry{
        transport_key_id(what, plan_.output.layout), plan_.output.key_type, kEcb, {}};
    for (const DgiPlan& dgi : plan.dgis)
      if (std::find(kinds.begin(), kinds.end(), dgi.kind) != kinds.end())
        entry.dgis.push_back(dgi.id);
    if (!entry.dgis.empty()) application.transport_keys.push_back(std::move(entry));
  };
  use(TransportUse::card_keys, {DgiPlan::Kind::keys});
  use(TransportUse::icc_keys, {DgiPlan::Kind::icc_part, DgiPlan::Kind::pin_key_part});
  use(TransportUse::pin, {DgiPlan::Kind::pin});
  cps::Step step;
  step.instructions = plan.instructions;
  application.steps.push_back(std::move(step));
  for (const pb::Dgi& dgi : made.dgis())
    application.dgis.push_back(
        {static_cast<cps::DgiId>(dgi.id()), Bytes(dgi.value().begin(), dgi.value().end())});
  return application;
}

cps::Record Emit::make_record(const pb::Card& card) const {
  cps::Record record;
  record.layout_version = plan_.output.layout_version;
  record.status = plan_.output.status;
  record.reference = card_reference(plan_, card.ordinal(), generation_);
  const auto& applications = plan_.cards[card.card()].applications;
  for (std::size_t a = 0; a < applications.size(); ++a)
    record.applications.push_back(
        make_application(applications[a], card.applications(static_cast<int>(a))));
  return record;
}

/// The MAC of an application covers those before it with theirs, so applications go in rounds.
void Emit::add_macs(std::vector<cps::Record>& records) {
  for (cps::Record& record : records)
    for (cps::Application& application : record.applications) application.mac_key = mac_key_;
  for (std::size_t round = 0;; ++round) {
    std::vector<cps::Record*> chosen;
    std::vector<Bytes> inputs;
    for (cps::Record& record : records) {
      if (round >= record.applications.size()) continue;
      chosen.push_back(&record);
      inputs.push_back(cps::mac_input(record, round, plan_.output.layout));
    }
    if (chosen.empty()) return;
    const std::vector<Bytes> macs = mac_.macs(mac_key_, inputs);
    for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i]->applications[round].mac = macs[i];
  }
}

Bytes Emit::card_bytes(const pb::Card& card, const cps::Record& record) const {
  const CardPlan& plan = plan_.cards[card.card()];
  const auto text_module = [](std::string_view mic, std::string_view text) {
    return cps::Module{std::string(mic), Bytes(text.begin(), text.end())};
  };
  std::vector<cps::Module> modules;
  modules.push_back(text_module(kReferenceMic, field_of(card, plan_.roles.record_id)));
  modules.push_back(text_module(kTypeMic, plan.product));
  for (std::size_t m = 0; m < plan.modules.size(); ++m)
    modules.push_back(text_module(plan.modules[m].mic, card.modules(static_cast<int>(m))));
  modules.push_back({plan_.output.chip_mic, cps::encode_record(record, plan_.output.layout)});
  return cps::encode_card(modules);
}

void Emit::run(const Chunk& chunk) {
  std::vector<cps::Record> records;
  records.reserve(chunk.cards.size());
  for (const pb::Card& card : chunk.cards) records.push_back(make_record(card));
  if (plan_.output.record_mac) add_macs(records);
  for (std::size_t i = 0; i < records.size(); ++i) write(card_bytes(chunk.cards[i], records[i]));
  records_ += records.size();
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
  const Bytes bytes = cps::encode_trailer(trailer_);
  out_.write(emvcrypto::as_text(bytes).data(), static_cast<std::streamsize>(bytes.size()));
  out_.flush();
  if (!out_) throw Failure(ExitCode::io, "the card file cannot be written to its end");
}

}  // namespace kpd

#include "kpd/station/verify_cards.h"

#include <algorithm>
#include <fstream>

#include "cps/card_source.h"
#include "cps/store_data.h"
#include "emvcrypto/aead.h"
#include "emvcrypto/tlv.h"
#include "kpd/exit_code.h"
#include "kpd/station/card_queue.h"
#include "kpd/tester/hsm_issuer_host.h"
#include "kpd/tester/plain_files.h"
#include "kpd/tester/selection.h"

namespace kpd {
namespace {

using namespace std::chrono_literals;

constexpr auto kApduDeadline = 30s;
constexpr const char* kCryptogramKey = "AC";
constexpr cps::DgiId kFileControl = 0x0062;

/// The plan of an application on the card with this PAN. Where several products share an AID, their
/// issuers' identifiers tell them apart; an application that nobody signs has its AID alone.
const ApplicationPlan* find_application(const Plan& plan, ByteView aid, const std::string& pan) {
  const ApplicationPlan* by_aid = nullptr;
  for (const CardPlan& card : plan.cards)
    for (const ApplicationPlan& application : card.applications) {
      if (!std::equal(aid.begin(), aid.end(), application.aid.begin(), application.aid.end()))
        continue;
      if (application.issuer &&
          emvcrypto::issuer_id_matches(plan.issuers[*application.issuer].issuer_id, pan))
        return &application;
      if (by_aid == nullptr) by_aid = &application;
    }
  return by_aid;
}

/// The master key for the application's cryptograms, which both sides call by the same label. A key
/// that records may bring follows from none.
std::optional<hsm::Key> cryptogram_master(const Plan& plan, hsm::Token& token, ByteView aid,
                                          const std::string& pan) {
  const ApplicationPlan* application = find_application(plan, aid, pan);
  if (application == nullptr) return std::nullopt;
  for (const CardKeyPlan& key : application->keys)
    if (key.name == kCryptogramKey && !key.given) return token.try_find(plan.keys[key.master].role);
  return std::nullopt;
}

/// The cardholder's PIN block of a prepared application.
std::optional<emvcrypto::Secret> prepared_pin(const VerifyContext& context,
                                              const cps::Record& record, const Plan& plan,
                                              const std::string& pan, ByteView aid) {
  for (const cps::Application& application : record.applications) {
    if (!std::equal(aid.begin(), aid.end(), application.aid.begin(), application.aid.end()))
      continue;
    const ApplicationPlan* application_plan = find_application(plan, application.aid, pan);
    if (application_plan == nullptr || !application_plan->pin || application_plan->pin->format != 2)
      return std::nullopt;
    for (const DgiPlan& dgi : application_plan->dgis) {
      if (dgi.kind != DgiPlan::Kind::pin) continue;
      for (const cps::Dgi& made : application.dgis)
        if (made.id == dgi.id)
          if (const cps::TransportKeyUse* use = cps::transport_key_of(application, dgi.id))
            return context.pins->open_pin(use->key_id, use->mode, made.value);
    }
  }
  return std::nullopt;
}

/// Three digits of a numeric data object in a record (5F28, 9F42); 0 when no application holds it.
unsigned code_of(const cps::Record& record, emvcrypto::Tag tag) {
  for (const cps::Application& application : record.applications)
    for (const cps::Dgi& dgi : application.dgis) {
      if (dgi.id >> 8 < 1 || dgi.id >> 8 > 10) continue;  // no record
      if (const auto value = emvcrypto::find_tlv(dgi.value, tag); value && value->size() == 2)
        return static_cast<unsigned>((*value)[0] & 0x0F) * 100 +
               static_cast<unsigned>((*value)[1] >> 4) * 10 + ((*value)[1] & 0x0F);
    }
  return 0;
}

/// A terminal at home: in the issuer's country, with the application's currency.
tester::TerminalProfile profile_of(const VerifyContext& context, const cps::Record& record) {
  tester::TerminalProfile profile;
  profile.country = code_of(record, 0x5F28);
  profile.currency = code_of(record, 0x9F42);
  profile.date = context.plan.date;
  profile.test = {context.pins != nullptr, context.pins != nullptr};
  return profile;
}

/// Whether a DGI of an application without payment can be different on each card.
bool tells_who(const ApplicationPlan& application, const std::vector<TlvPlan>& content) {
  return std::any_of(content.begin(), content.end(), [&](const TlvPlan& item) {
    return item.element ? !application.elements[*item.element].constant
                        : tells_who(application, item.children);
  });
}

/// Records first, since they are read in one command.
void add_places(const ApplicationPlan& application, std::vector<IdentityPlace>& places) {
  std::vector<IdentityPlace> files;
  const DgiPlan* control = application.find_dgi(kFileControl);
  const auto created = control != nullptr ? tester::parse_file_control(control->value)
                                          : std::map<cps::DgiId, tester::PlainFile>{};
  for (const DgiPlan& dgi : application.dgis) {
    const bool is_record = dgi.kind == DgiPlan::Kind::record;
    const auto& content = is_record ? application.records[dgi.record].content : dgi.content;
    if (dgi.kind == DgiPlan::Kind::given || !tells_who(application, content)) continue;
    if (is_record)
      places.push_back({application.aid, dgi.id, false});
    else if (created && created->contains(dgi.id))
      files.push_back({application.aid, dgi.id, true});
  }
  places.insert(places.end(), files.begin(), files.end());
}

}  // namespace

IdentityPlan identity_plan(const Plan& plan) {
  IdentityPlan identity;
  for (const CardPlan& card : plan.cards)
    for (const ApplicationPlan& application : card.applications) {
      if (application.cryptogram != nullptr)
        identity.paying.push_back(application.aid);
      else if (!tester::is_directory_name(application.aid))
        add_places(application, identity.places);
    }
  return identity;
}

PreparedCards::PreparedCards(const std::string& card_file, const IdentityPlan& plan) {
  std::ifstream in(card_file, std::ios::binary);
  if (!in) throw Failure(ExitCode::io, card_file + ": the card file cannot be opened");
  const auto reader = cps::open_card_file(in);
  header_ = reader->header();
  while (const auto modules = reader->next()) {
    const auto record = cps::chip_record(header_, *modules);
    if (!record) throw cps::FileError(card_file + ": " + record.error().reason);
    index_.insert(emvcrypto::as_bytes(identify(*record, plan).key()),
                  cps::encode_record(*record, header_.layout));
  }
}

std::optional<cps::Record> PreparedCards::find(const CardIdentity& identity) {
  const auto chip = index_.find(emvcrypto::as_bytes(identity.key()));
  if (!chip) return std::nullopt;
  auto record = cps::parse_record(*chip, header_.layout);
  return record ? std::optional(*std::move(record)) : std::nullopt;
}

CardIdentity identify_card(const Plan& plan, cps::Card& card) {
  return cps::drive(identify(identity_plan(plan)), card, kApduDeadline);
}

VerifiedCard verify_card(const VerifyContext& context, cps::Card& card,
                         const CardIdentity& identity) {
  VerifiedCard verified;
  const auto record = context.prepared.find(identity);
  verified.identified = record.has_value();
  if (!record || !card.reset(cps::Reset::warm)) return verified;

  const Plan& plan = context.plan;
  tester::TestRequest request;
  request.profile = profile_of(context, *record);
  request.atr = card.atr();
  request.prepared = &*record;
  for (const cps::Application& application : record->applications) {
    const ApplicationPlan* known = find_application(plan, application.aid, identity.pan);
    if (known != nullptr && known->cryptogram != nullptr)
      request.applications.push_back({application.aid, known->cryptogram, known->udk_option});
    else if (!tester::is_directory_name(application.aid))
      request.plain.push_back(application.aid);
  }
  request.ports.ca_key = [&plan](ByteView rid,
                                 std::uint8_t index) -> std::optional<emvcrypto::RsaPublicKey> {
    for (const IssuerPlan& issuer : plan.issuers)
      if (issuer.ca_index == index &&
          std::equal(rid.begin(), rid.end(), issuer.rid.begin(), issuer.rid.end()))
        return issuer.ca;
    return std::nullopt;
  };
  request.ports.random = [](std::size_t count) { return emvcrypto::system_random(count); };
  if (context.pins != nullptr)
    request.ports.pin = [&](ByteView aid, const std::string& pan) {
      return prepared_pin(context, *record, plan, pan, aid);
    };
  std::optional<tester::HsmIssuerHost> host;
  if (context.issuer_host) {
    host.emplace(context.issuer_host, [&](ByteView aid) {
      return cryptogram_master(plan, *context.issuer_host, aid, identity.pan);
    });
    request.ports.issuer_host = &*host;
  }
  verified.report = cps::drive(tester::test_card(request), card, kApduDeadline);
  return verified;
}

}  // namespace kpd

// Preparing and signing the starter job's first cards, judged from the data groupings alone.
#include "kpd/stages/sign.h"

#include <catch2/catch.hpp>

#include "emvcrypto/afl.h"
#include "emvcrypto/certificates.h"
#include "emvcrypto/dates.h"
#include "kpd/exit_code.h"
#include "kpd/stages/prepare.h"
#include "test/unit/support/first_cards.h"
#include "test/unit/support/starter_area.h"

using Catch::Contains;
using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::to_hex;
using kpd_test::StarterArea;

namespace {

/// The starter job's first card of each product, prepared; the chunk is as `sign` gets it.
class PreparedCards {
 public:
  PreparedCards() : windows_(plan.windows) {
    kpd::Prepare(plan, area.token(), windows_).run(chunk);
    REQUIRE(chunk.cards.size() == plan.cards.size());
  }

  const kpd::ApplicationPlan& plan_of(const kpd::pb::Card& card, int application) const {
    return plan.cards[card.card()].applications[static_cast<std::size_t>(application)];
  }

  StarterArea area;
  kpd::Plan plan = area.compile();
  kpd::Chunk chunk = kpd_test::first_cards(plan);

 private:
  kpd::HostWindows windows_;
};

Bytes dgi(const kpd::pb::Application& application, std::uint32_t id) {
  for (const auto& one : application.dgis())
    if (one.id() == id) return {one.value().begin(), one.value().end()};
  return {};
}

/// A tag's value in any record or command template of the application; nothing when it has none.
Bytes value_of(const kpd::pb::Application& application, kpd::Tag tag) {
  for (const auto& one : application.dgis()) {
    if (one.id() != 0x9104 && one.id() >= 0x1F00) continue;
    const auto tree = emvcrypto::parse_tlv_tree(kpd::view_of(one.value()));
    if (!tree) continue;
    for (const auto& object : *tree) {
      if (object.tag == tag) return object.value;
      for (const auto& child : object.children)
        if (child.tag == tag) return child.value;
    }
  }
  return {};
}

/// The static data to be authenticated, by the AFL that the card will give.
Bytes static_data_of(const kpd::pb::Application& application) {
  const auto afl = emvcrypto::parse_afl(value_of(application, 0x94));
  REQUIRE(afl.has_value());
  std::vector<Bytes> records;
  std::vector<std::uint8_t> files;
  for (const auto& entry : *afl)
    for (int i = 0; i < entry.signed_count; ++i) {
      records.push_back(
          dgi(application, static_cast<std::uint32_t>(entry.sfi << 8 | (entry.first + i))));
      files.push_back(entry.sfi);
    }
  std::vector<emvcrypto::SignedRecord> marked;
  for (std::size_t i = 0; i < records.size(); ++i) marked.push_back({files[i], records[i]});
  const auto data =
      emvcrypto::static_data(marked, value_of(application, 0x9F4A), value_of(application, 0x82));
  REQUIRE(data.has_value());
  return *data;
}

/// Goes down the chain of a card as a terminal does, from the CA key; gives what was found.
std::string verified(const kpd::IssuerPlan& issuer_plan, const kpd::pb::Application& application,
                     const std::string& pan) {
  const auto issuer = emvcrypto::recover_issuer_certificate(
      issuer_plan.ca, value_of(application, 0x90), value_of(application, 0x92),
      value_of(application, 0x9F32));
  if (!issuer) return issuer.error().reason;
  if (!emvcrypto::check_issuer_certificate(*issuer, pan, {2026, 11, 22})) return "issuer unfit";
  const Bytes data = static_data_of(application);
  std::string found;
  if (const Bytes ssad = value_of(application, 0x93); !ssad.empty()) {
    const auto code = emvcrypto::recover_ssad(issuer->key, ssad, data);
    found += code ? "SSAD " + to_hex(*code) + " " : code.error().reason;
  }
  const auto certified = [&](kpd::Tag certificate, kpd::Tag remainder, kpd::Tag exponent,
                             ByteView covered) {
    const Bytes value = value_of(application, certificate);
    if (value.empty()) return;
    const auto icc =
        emvcrypto::recover_icc_certificate(issuer->key, value, value_of(application, remainder),
                                           value_of(application, exponent), covered);
    if (!icc) {
      found += icc.error().reason;
      return;
    }
    CHECK(emvcrypto::check_icc_certificate(*icc, pan, {2026, 11, 22}));
    found += std::to_string(icc->key.size() * 8) + " ";
  };
  certified(0x9F46, 0x9F48, 0x9F47, data);
  certified(0x9F2D, 0x9F2F, 0x9F2E, {});
  return found;
}

/// The Failure that signing ends with.
template <typename Action>
kpd::ExitCode code_of(Action action) {
  try {
    action();
  } catch (const kpd::Failure& failure) {
    return failure.code();
  }
  return kpd::ExitCode::done;
}

}  // namespace

TEST_CASE("signed cards verify from the CA key down") {
  PreparedCards cards;
  kpd::Sign(cards.plan, cards.area.token()).run(cards.chunk);
  REQUIRE(cards.chunk.rejects.empty());
  REQUIRE(cards.chunk.cards.size() == 5);
  std::map<std::string, std::string> found;
  for (const kpd::pb::Card& card : cards.chunk.cards) {
    const kpd::ApplicationPlan& plan = cards.plan_of(card, 1);
    found[cards.plan.cards[card.card()].product] =
        verified(cards.plan.issuers[*plan.issuer], card.applications(1),
                 std::string(kpd::field_of(card, cards.plan.roles.pan)));
    CAPTURE(plan.template_name);
    CHECK(card.applications(1).dgis_size() == static_cast<int>(plan.dgis.size()));
    CHECK(card.applications(1).secrets_size() == 0);
    for (const kpd::DgiPlan& one : plan.dgis)
      if (one.secret()) CHECK(dgi(card.applications(1), one.id).size() % 8 == 0);
  }
  CHECK(found == std::map<std::string, std::string>{{"VISA-CLASSIC", "SSAD DAC1 "},
                                                    {"VISA-GOLD", "1152 "},
                                                    {"MC-STANDARD", "1152 1024 "},
                                                    {"MC-DEBIT19", "SSAD DAC1 "},
                                                    {"LOCAL-ID", "SSAD DAC1 "}});
}

TEST_CASE("an issuer key in the token that is not the certified one stops the stage") {
  const StarterArea area;
  kpd::Plan plan = area.compile();
  plan.issuers[0].key_uri = plan.issuers[1].key_uri;
  CHECK_THROWS_WITH(kpd::Sign(plan, area.token()), Contains("'visa-classic' does not fit"));
  CHECK(code_of([&] { kpd::Sign(plan, area.token()); }) == kpd::ExitCode::hold);

  plan = area.compile();
  plan.issuers[0].certificate[10] ^= 1;
  CHECK(code_of([&] { kpd::Sign(plan, area.token()); }) == kpd::ExitCode::hold);
  plan = area.compile();
  plan.issuers[0].ca = plan.issuers[2].ca;
  CHECK(code_of([&] { kpd::Sign(plan, area.token()); }) == kpd::ExitCode::hold);
  plan = area.compile();
  plan.issuers[0].key_uri = "pkcs11:object=ISS-none";
  CHECK_THROWS_AS(kpd::Sign(plan, area.token()), hsm::SetupError);
}

TEST_CASE("cards that break a rule of signing leave alone, with their reason") {
  PreparedCards cards;
  const auto of = [&](const std::string& product) -> kpd::pb::Card& {
    for (kpd::pb::Card& card : cards.chunk.cards)
      if (cards.plan.cards[card.card()].product == product) return card;
    throw std::out_of_range(product);
  };
  // A PAN of another issuer, a record of 255 bytes, a tag list that asks for more than the AIP.
  of("VISA-GOLD").set_fields(static_cast<int>(cards.plan.roles.pan), "4000000000000002");
  const auto set = [&](kpd::pb::Card& card, kpd::Tag tag, const std::string& value) {
    const kpd::ApplicationPlan& plan = cards.plan_of(card, 1);
    for (std::size_t i = 0; i < plan.elements.size(); ++i)
      if (plan.elements[i].tag == tag)
        card.mutable_applications(1)->set_elements(static_cast<int>(i), value);
  };
  set(of("VISA-CLASSIC"), 0x90, std::string(249, 'x'));
  set(of("LOCAL-ID"), 0x9F4A, "\x82\x84");

  kpd::Sign(cards.plan, cards.area.token()).run(cards.chunk);
  CHECK(cards.chunk.cards.size() == 2);
  std::multiset<std::string> faults;
  for (const kpd::pb::Reject& reject : cards.chunk.rejects) {
    CHECK(reject.stage() == "sign");
    faults.insert(reject.fault());
  }
  CHECK(faults == std::multiset<std::string>{"issuer", "oda-tag-list", "record-length"});
}

TEST_CASE("certificate serials that are used up stop the stage") {
  PreparedCards cards;
  for (kpd::IssuerPlan& issuer : cards.plan.issuers) issuer.serial_base = 0xFFFFFF;
  kpd::Sign sign(cards.plan, cards.area.token());
  try {
    sign.run(cards.chunk);
    FAIL("nothing was thrown");
  } catch (const kpd::Failure& failure) {
    CHECK(failure.code() == kpd::ExitCode::usage);
    CHECK_THAT(failure.what(), Contains("serial_base"));
  }
}

TEST_CASE("a card whose secrets are not prepared is never laid out") {
  PreparedCards cards;
  cards.chunk.cards[0].mutable_applications(1)->mutable_secrets()->DeleteSubrange(0, 1);
  kpd::Sign sign(cards.plan, cards.area.token());
  CHECK(code_of([&] { sign.run(cards.chunk); }) == kpd::ExitCode::internal);
}

TEST_CASE("a job that refuses a window that it needs stops before its first card") {
  const StarterArea area;
  for (bool kpd::WindowPolicy::*window :
       {&kpd::WindowPolicy::card_keys, &kpd::WindowPolicy::pins, &kpd::WindowPolicy::icc_keys}) {
    kpd::Plan plan = area.compile();
    plan.windows.*window = false;
    kpd::HostWindows windows(plan.windows);
    CHECK(code_of([&] { kpd::Prepare(plan, area.token(), windows); }) == kpd::ExitCode::hold);
    CHECK(windows.report().empty());
  }
}

#include "kpd/inspect/inspect_stage_file.h"

#include <catch2/catch.hpp>

#include "kpd/exit_code.h"
#include "test/unit/kpd/inspect_sample.h"

using namespace kpd::inspect;
using namespace inspect_test;
namespace pb = kpd::pb;

namespace {

pb::StreamHeader stage_header() {
  pb::StreamHeader header;
  header.set_version(1);
  header.set_stage("prepare");
  header.set_run(std::string(16, '\x11'));
  header.set_plan_digest("ABCD");
  header.set_data_key_id("\x01\x02\x03");
  pb::TransportKey* key = header.add_transport_keys();
  key->set_id("TKK1");
  key->set_use("card-keys");
  key->set_algorithm("3DES");
  key->set_kcv("\x0A\x0B\x0C");
  key->set_method("aes-kw");
  key->set_kek("KEK2-KEY");
  key->set_wrapped(std::string(24, '\xC5'));
  return header;
}

std::string head_of(const pb::StreamHeader& header) {
  const std::string body = header.SerializeAsString();
  Bytes head = bytes_of("KPDS\x01");
  emvcrypto::append_number(head, body.size(), 4);
  return std::string(emvcrypto::as_text(head)) + body;
}

std::string shown_head(const std::string& file, const Wish& wish = {}) {
  std::istringstream in(file);
  std::ostringstream out;
  inspect_stage_head(in, wish, *make_text_writer(out, {}));
  return out.str();
}

/// A plan of one product with one application.
kpd::Plan plan() {
  kpd::Plan plan;
  plan.fields = {{"id", kpd::FieldType::an, 0, 0, true},
                 {"pan", kpd::FieldType::pan, 0, 0, true},
                 {"name", kpd::FieldType::name, 0, 0, true},
                 {"pin_block", kpd::FieldType::pin_block, 0, 0, true},
                 {"remark", kpd::FieldType::ans, 0, 0, false}};
  plan.roles.pan = 1;
  plan.roles.name = 2;
  kpd::CardPlan card;
  card.product = "GOLD";
  card.values.emplace_back().name = "cvv2";
  card.modules.push_back({"$EM1", kpd::ModulePlan::Kind::text, {}});
  kpd::ApplicationPlan application;
  application.aid = from_hex("A0000009990101");
  application.label = "TEST";
  kpd::ElementPlan pan;
  pan.tag = 0x5A;
  kpd::ElementPlan entry;
  entry.tag = 0x61;
  application.elements = {pan, entry};
  application.keys = {{"AC", 0}};
  kpd::DgiPlan keys;
  keys.id = 0xA006;
  keys.kind = kpd::DgiPlan::Kind::keys;
  kpd::DgiPlan data;
  data.id = 0x3000;
  application.dgis = {keys, data};
  card.applications.push_back(std::move(application));
  plan.cards.push_back(std::move(card));
  return plan;
}

pb::Card stage_card() {
  pb::Card card;
  card.set_line(7);
  for (const std::string& text :
       {std::string("00000001"), kPan, kName, std::string("E7E7E7E7E7E7E7E7"), "Olga, card " + kPan,
        std::string("123")})
    card.add_fields(text);
  card.add_modules("9999 9900 0000 0014");
  pb::Application* application = card.add_applications();
  application->add_elements(std::string(emvcrypto::as_text(from_hex(kPan))));
  application->add_elements(std::string(emvcrypto::as_text(from_hex("870101"))));
  pb::Dgi* secret = application->add_secrets();
  secret->set_id(0xA006);
  secret->set_value(std::string(16, '\xE7'));
  application->set_kcvs("\x01\x02\x03");
  return card;
}

std::string shown_card(const pb::Card& card, Mask mask = Mask()) {
  std::ostringstream out;
  make_text_writer(out, {})->section(decode_stage_card(card, 1, plan(), stage_header(), mask));
  return out.str();
}

}  // namespace

TEST_CASE("inspect: the head of a stage file is shown without any key") {
  CHECK(shown_head(head_of(stage_header()) + "sealed frames") ==
        "Stage file\n"
        "  written by  prepare\n"
        "  run         11111111111111111111111111111111\n"
        "  plan        ABCD\n"
        "  sealed by   storage key with KCV 010203\n"
        "  transport keys\n"
        "    TKK1  card-keys  3DES, KCV 0A0B0C  24 bytes wrapped by aes-kw under KEK2-KEY\n"
        "\n"
        "Records are sealed  --job JOB opens them with the job's storage key\n");
}

TEST_CASE("inspect: records and PANs of a stage file need the job") {
  Wish wish;
  wish.show_pan = true;
  CHECK_THROWS_AS(shown_head(head_of(stage_header()), wish), kpd::Failure);
  wish = {};
  wish.record = "1";
  CHECK_THROWS_WITH(shown_head(head_of(stage_header()), wish), Catch::Contains("--job JOB"));
}

TEST_CASE("inspect: a stage file cut within its head is refused") {
  const std::string file = head_of(stage_header());
  for (std::size_t size = 0; size < file.size(); ++size)
    CHECK_THROWS_AS(shown_head(file.substr(0, size)), kpd::Failure);
  std::string newer = file;
  newer[4] = 2;
  CHECK_THROWS_WITH(shown_head(newer), "stage file version 2 is unknown here");
}

TEST_CASE("inspect: a card between the stages shows neither PIN block, secret nor cardholder") {
  CHECK(shown_card(stage_card()) ==
        "Record 1  00000001  GOLD  line 7 of the input\n"
        "  fields\n"
        "    id         00000001\n"
        "    pan        999999******0014\n"
        "    name       P******/O***\n"
        "    pin_block  16 digits enciphered\n"
        "    remark     Olga, card 999999******0014\n"
        "    cvv2       ***\n"
        "  machine modules\n"
        "    $EM1  9999 99** **** 0014\n"
        "  application  A0000009990101  TEST\n"
        "    card keys\n"
        "      AC  KCV 010203\n"
        "    data elements\n"
        "      5A  Application Primary Account Number (PAN)  999999******0014\n"
        "      61  Application Template\n"
        "        87  Application Priority Indicator  1\n"
        "    secrets\n"
        "      A006  key for ICC dynamic numbers  16 bytes enciphered under TKK1 (3DES-ECB)\n");
  CHECK_THAT(shown_card(stage_card(), Mask(true)),
             Catch::Contains(kPan) && !Catch::Contains("E7E7"));
}

TEST_CASE("inspect: a signed card shows its data groupings") {
  pb::Card card = stage_card();
  pb::Application* application = card.mutable_applications(0);
  for (const auto& [id, value] : {std::pair{0xA006u, std::string(16, '\xE7')},
                                  std::pair{0x3000u, std::string("\x87\x01\x02")}}) {
    pb::Dgi* dgi = application->add_dgis();
    dgi->set_id(id);
    dgi->set_value(value);
  }
  CHECK_THAT(shown_card(card),
             Catch::Contains("    data groupings\n"
                             "      A006  key for ICC dynamic numbers  16 bytes enciphered under "
                             "TKK1 (3DES-ECB)\n"
                             "      3000  internal data                3 bytes\n"
                             "        87  Application Priority Indicator  2\n"));
}

TEST_CASE("inspect: a card that does not fit the plan is refused") {
  pb::Card card = stage_card();
  card.set_card(1);
  CHECK_THROWS_AS(shown_card(card), kpd::Failure);
  card.set_card(0);
  card.add_applications();
  CHECK_THROWS_AS(shown_card(card), kpd::Failure);
}

TEST_CASE("inspect: a reject between the stages is shown with its reason") {
  pb::Reject reject;
  reject.set_record_id("00000020");
  reject.set_line(21);
  reject.set_field("expiry");
  reject.set_fault("month");
  reject.set_reason("there is no month 13");
  reject.set_stage("ingest");
  std::ostringstream out;
  make_text_writer(out, {})->section(decode_reject(reject, 4));
  CHECK(out.str() ==
        "Record 4  00000020  rejected  line 21 of the input\n"
        "  field   expiry\n"
        "  fault   month\n"
        "  reason  there is no month 13\n"
        "  stage   ingest\n");
}

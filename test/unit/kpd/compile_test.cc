#include "kpd/plan/compile.h"

#include <catch2/catch.hpp>

#include "test/unit/support/starter_area.h"

using emvcrypto::to_hex;
using kpd::ApplicationPlan;
using kpd::ElementPlan;
using kpd_test::Edit;
using kpd_test::StarterArea;

namespace {

const kpd::CardPlan& card(const kpd::Plan& plan, const std::string& product) {
  return plan.cards.at(plan.products.at(product));
}

/// The application that pays.
const ApplicationPlan& application(const kpd::Plan& plan, const std::string& product) {
  return card(plan, product).applications.at(1);
}

const ElementPlan* element(const ApplicationPlan& application, kpd::Tag tag) {
  for (const ElementPlan& one : application.elements)
    if (one.tag == tag) return &one;
  return nullptr;
}

bool places(const std::vector<kpd::TlvPlan>& content, kpd::Tag tag) {
  for (const kpd::TlvPlan& item : content)
    if (item.tag == tag || places(item.children, tag)) return true;
  return false;
}

/// Whether a record holds the tag.
bool records_hold(const ApplicationPlan& application, kpd::Tag tag) {
  for (const kpd::RecordPlan& record : application.records)
    if (places(record.content, tag)) return true;
  return false;
}

}  // namespace

TEST_CASE("the starter job compiles to its plan") {
  const StarterArea area;
  const kpd::Plan plan = area.compile();

  CHECK(plan.job == "starter");
  CHECK(plan.date.iso() == "2026-11-22");
  CHECK(plan.test);
  CHECK(plan.products.size() == 5);
  CHECK(plan.windows.pins);
  CHECK(plan.output.file == "out/batch.cps");
  CHECK(plan.output.fresh_transport_keys);
  CHECK(plan.digest.size() == 64);

  {
    INFO("fields, roles and joins");
    CHECK(plan.intake.card_fields == 18);
    CHECK(plan.fields.size() == 21);
    CHECK(plan.fields[plan.roles.pan].type == kpd::FieldType::pan);
    CHECK(plan.fields[*plan.roles.pin_block].name == "pin_block");
    REQUIRE(plan.intake.joins.size() == 1);
    CHECK(plan.intake.joins[0].first_field == 18);
    CHECK(plan.intake.joins[0].fields == 3);
    CHECK(plan.intake.joins[0].source.delimiter == ',');
    CHECK(plan.intake.joins[0].missing == kpd::JoinPlan::Missing::reject);
  }
  {
    INFO("keys by the check values that the device computes");
    CHECK(to_hex(plan.keys[plan.key("KEK1")].kcv) == "A43D42");
    CHECK(to_hex(plan.keys[plan.key("IMK-AC")].kcv) == "500E5F");
  }
  {
    INFO("issuers whose chains hold");
    REQUIRE(plan.issuers.size() == 5);
    for (const kpd::IssuerPlan& issuer : plan.issuers) {
      CAPTURE(issuer.name);
      CHECK(issuer.serial_base == 1);
      const auto recovered = emvcrypto::recover_issuer_certificate(
          issuer.ca, issuer.certificate, issuer.remainder, issuer.key.exponent);
      REQUIRE(recovered.has_value());
      CHECK(recovered->key.modulus == issuer.key.modulus);
    }
  }
  {
    INFO("applications by their templates and what the card says otherwise");
    const ApplicationPlan& classic = application(plan, "VISA-CLASSIC");
    CHECK(classic.sda);
    CHECK_FALSE(classic.icc_key);
    CHECK(classic.label == "VISA CREDIT");
    CHECK(to_hex(element(classic, 0x50)->value) == to_hex(emvcrypto::as_bytes("VISA CREDIT")));
    CHECK(classic.pin->format == 2);
    CHECK(to_hex(classic.data_authentication_code) == "DAC1");
    CHECK(to_hex(element(classic, 0x8C)->value) == "9F02069F03069F1A0295055F2A029A039C019F3704");
    const ApplicationPlan& standard = application(plan, "MC-STANDARD");
    CHECK(standard.icc_key->bits == 1152);
    CHECK(standard.pin_key->bits == 1024);
    CHECK(application(plan, "MC-DEBIT19").udk_option == emvcrypto::UdkOption::b);
  }
  {
    INFO("the AFL follows from the records");
    CHECK(to_hex(element(application(plan, "VISA-CLASSIC"), 0x94)->value) ==
          "080101001001020118010200");
    CHECK(to_hex(element(application(plan, "VISA-GOLD"), 0x94)->value) ==
          "080101001001020118010300");
    CHECK(to_hex(element(application(plan, "MC-STANDARD"), 0x94)->value) ==
          "08010100100102011801030020010200");
  }
  {
    INFO("remainders stand where key lengths need them, and nowhere else");
    // Issuer keys: 176 bytes under a CA of 248; 176 under 176. ICC keys: 144 under 176; 128.
    const ApplicationPlan& gold = application(plan, "VISA-GOLD");
    CHECK(element(gold, 0x92) == nullptr);
    CHECK_FALSE(records_hold(gold, 0x92));
    CHECK(records_hold(gold, 0x9F48));
    const ApplicationPlan& standard = application(plan, "MC-STANDARD");
    CHECK(element(standard, 0x92)->value.size() == 36);
    CHECK(records_hold(standard, 0x92));
    CHECK(records_hold(standard, 0x9F48));
    CHECK_FALSE(records_hold(standard, 0x9F2F));
  }
  {
    INFO("secret DGIs are told to the personalisation device");
    const ApplicationPlan& gold = application(plan, "VISA-GOLD");
    std::string enciphered;
    for (const auto& one : gold.instructions.enciphered) enciphered += cps::dgi_name(one.id) + " ";
    CHECK(enciphered == "8010 8201 8202 8203 8204 8205 8000 ");
    CHECK(gold.instructions.security_level == 1);
  }
  {
    INFO("the directory names every other application that has a label");
    const ApplicationPlan& pse = card(plan, "VISA-CLASSIC").applications.at(0);
    CHECK_FALSE(pse.payment());
    REQUIRE(element(pse, 0x61) != nullptr);
    CHECK(to_hex(element(pse, 0x61)->value) ==
          "4F07A0000000031010500B" + to_hex(emvcrypto::as_bytes("VISA CREDIT")) + "870101");
  }
}

TEST_CASE("a shorter card key needs no remainder") {
  const StarterArea area;
  const Edit edit(area.folder() / "templates/applications/vsdc-dda.yaml", "bits: 1152",
                  "bits: 1072");
  const ApplicationPlan gold = application(area.compile(), "VISA-GOLD");
  CHECK_FALSE(records_hold(gold, 0x9F48));
  CHECK(element(gold, 0x9F48) == nullptr);
}

TEST_CASE("a plan's digest stands for what it does") {
  const StarterArea area;
  const std::string digest = area.compile().digest;
  CHECK(area.compile().digest == digest);
  const auto edited = [&](const std::string& file, const std::string& from, const std::string& to) {
    const Edit edit(area.folder() / file, from, to);
    return area.compile().digest;
  };
  const std::string classic = "templates/applications/vsdc-sda.yaml";

  {
    INFO("comments, quotes of texts and layout do not change it");
    CHECK(edited("job.yaml", "name: starter", "name:   \"starter\"  # the first") == digest);
    CHECK(edited(classic, "elements:", "# all of them\n\nelements:") == digest);
    CHECK(edited(classic, "{value: \"5C00\"}", "{ value: '5C00' }") == digest);
  }
  {
    INFO("values of the job, of templates and of certificates change it");
    CHECK(edited("job.yaml", "2026-11-22", "2026-11-23") != digest);
    CHECK(edited("job.yaml", "max: 27", "max: 26") != digest);
    CHECK(edited(classic, "FF00", "FF80") != digest);
    CHECK(edited("templates/cards/classic-sda.yaml", "VISA CREDIT", "VISA DEBIT") != digest);
    CHECK(edited("issuers/visa-classic.yaml", "title: \"", "title: \"The ") != digest);
  }
  {
    INFO("the order of fields and elements changes it, since stages know them by their place");
    const std::string lower = "    limit_lower:  {type: n, min: 1, max: 12}\n";
    const std::string upper = "    limit_upper:  {type: n, min: 1, max: 12}\n";
    CHECK(edited("job.yaml", lower + upper, upper + lower) != digest);
    const std::string one = "  \"9F58\": {value: \"03\"}\n", two = "  \"9F59\": {value: \"05\"}\n";
    CHECK(edited(classic, one + two, two + one) != digest);
  }
  CHECK(area.compile().digest == digest);
}

TEST_CASE("another key under the same name is another plan") {
  const StarterArea area;
  const std::string digest = area.compile().digest;
  hsm::Token& token = *area.token();
  token.destroy(token.find("CVK-A"));
  token.generate_secret(hsm::KeyType::des2, 16, {.encrypt = true}, "CVK-A");
  CHECK(area.compile().digest != digest);
}

#include "kpd/intake/intake.h"

#include <catch2/catch.hpp>

#include "kpd/exit_code.h"
#include "test/unit/support/temp_folder.h"

using Catch::Contains;
using kpd::FieldType;
using kpd::Intake;
using Missing = kpd::JoinPlan::Missing;
using kpd_test::TempFolder;

namespace {

enum : kpd::FieldId { kId, kProduct, kPan, kPsn, kExpiry, kClient, kMember, kTier };

/// Products CLASSIC (AID ..01), TWIN (..01 too) and PLAIN (no keys); the cards of `folder`, with
/// members joined on the client.
kpd::Plan plan_in(const TempFolder& folder, Missing missing = Missing::reject) {
  kpd::Plan plan;
  plan.date = {2026, 11, 22};
  plan.fields = {
      {"record_id", FieldType::an, 8, 8, true, 0},  {"product", FieldType::product, 1, 64, true, 1},
      {"pan", FieldType::pan, 12, 19, true, 2},     {"psn", FieldType::n, 2, 2, true, 3},
      {"expiry", FieldType::expiry, 4, 4, true, 4}, {"client", FieldType::an, 1, 10, true, 5},
      {"member", FieldType::an, 1, 10, false, 1},   {"tier", FieldType::an, 0, 8, false, 2}};
  plan.fields[kExpiry].format = "YYMM";
  plan.roles.record_id = kId;
  plan.roles.product = kProduct;
  plan.roles.pan = kPan;
  plan.roles.psn = kPsn;
  plan.roles.expiry = kExpiry;
  plan.intake.cards.file = folder.path() / "cards.csv";
  plan.intake.inputs = {"record_id", "product", "pan", "psn", "expiry", "client"};
  plan.intake.card_fields = 6;
  kpd::JoinPlan join;
  join.name = "loyalty";
  join.source.file = folder.path() / "members.csv";
  join.source.delimiter = ',';
  join.inputs = {"id", "member", "tier"};
  join.key_input = 0;
  join.on_field = kClient;
  join.first_field = kMember;
  join.fields = 2;
  join.missing = missing;
  plan.intake.joins = {join};
  const auto card = [&](const std::string& name, std::uint8_t aid, bool pays) {
    kpd::ApplicationPlan application;
    application.aid = {0xF0, 0, 0, 0, 0, aid};
    if (pays) application.keys = {{"AC", 0}};
    kpd::CardPlan made;
    made.product = name;
    made.applications = {application};
    plan.products[name] = plan.cards.size();
    plan.cards.push_back(made);
  };
  card("CLASSIC", 1, true);
  card("TWIN", 1, true);
  card("OTHER", 2, true);
  card("PLAIN", 3, false);
  return plan;
}

/// A text over these names, whose ids count from `first`.
kpd::TextTemplate text(const std::string& source, const std::vector<std::string>& names,
                       kpd::FieldId first) {
  const auto find = [&](const std::string& name) -> std::optional<kpd::FieldId> {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return first + static_cast<kpd::FieldId>(found - names.begin());
  };
  auto compiled = kpd::compile_text(source, {find, nullptr});
  REQUIRE(compiled.mistake.empty());
  return compiled.text;
}

const std::string kHeader = "record_id;product;pan;psn;expiry;client\n";
const std::string kMembers = "id,member,tier\nC1,M1,GOLD\nC2,M2,\nC3,M3,SILVER\n";
const std::string kPan1 = "4761739001010119";
const std::string kPan2 = "5413330089010434";

/// What came of a file: "0: fields", or "0: field fault" for a reject.
std::vector<std::string> taken(const kpd::Plan& plan) {
  Intake intake(plan);
  std::vector<std::string> items;
  while (auto item = intake.next()) {
    if (const auto* card = std::get_if<kpd::pb::Card>(&*item)) {
      std::string text = std::to_string(card->ordinal()) + ":";
      for (const std::string& field : card->fields()) text += " " + field;
      items.push_back(text);
    } else {
      const auto& reject = std::get<kpd::pb::Reject>(*item);
      CHECK(reject.stage() == "ingest");
      CHECK_FALSE(reject.reason().empty());
      items.push_back(std::to_string(reject.ordinal()) + "! " + reject.record_id() + " " +
                      reject.field() + " " + reject.fault());
    }
  }
  return items;
}

std::vector<std::string> taken(const std::string& cards, Missing missing = Missing::reject) {
  const TempFolder folder;
  folder.write("cards.csv", cards);
  folder.write("members.csv", kMembers);
  return taken(plan_in(folder, missing));
}

/// A record of one number: id, PAN and client as given.
std::string record(int id, const std::string& pan, const std::string& rest) {
  return "0000000" + std::to_string(id) + ";CLASSIC;" + pan + ";" + rest + "\n";
}

using Items = std::vector<std::string>;

}  // namespace

TEST_CASE("good records come as cards in file order, with what was joined") {
  CHECK(taken(kHeader + record(1, kPan1, "00;2909;C1") + record(2, kPan2, "01;2909;C2")) ==
        Items{"0: 00000001 CLASSIC 4761739001010119 00 2909 C1 M1 GOLD",
              "1: 00000002 CLASSIC 5413330089010434 01 2909 C2 M2 "});
}

TEST_CASE("a card knows its product and its line") {
  const TempFolder folder;
  folder.write("cards.csv", kHeader + "\n00000001;OTHER;" + kPan1 + ";00;2909;C1\n");
  folder.write("members.csv", kMembers);
  const kpd::Plan plan = plan_in(folder);
  Intake intake(plan);
  const auto item = intake.next();
  REQUIRE(item.has_value());
  const auto& card = std::get<kpd::pb::Card>(*item);
  CHECK(card.card() == 2);
  CHECK(card.line() == 3);
  CHECK_FALSE(intake.next().has_value());
}

TEST_CASE("columns may stand in any order, with others between them") {
  CHECK(taken("expiry;note;client;psn;pan;product;record_id\n2909;x;C1;00;" + kPan1 +
              ";CLASSIC;00000001\n") ==
        Items{"0: 00000001 CLASSIC 4761739001010119 00 2909 C1 M1 GOLD"});
}

TEST_CASE("a header behind a byte order mark, quoted, with CR LF is understood") {
  CHECK(taken("\xEF\xBB\xBF\"record_id\";product;pan;psn;expiry;client\r\n00000001;CLASSIC;" +
              kPan1 + ";00;2909;C1\r\n") ==
        Items{"0: 00000001 CLASSIC 4761739001010119 00 2909 C1 M1 GOLD"});
}

TEST_CASE("a record with a fault goes its own way and the batch goes on") {
  CHECK(taken(kHeader + record(1, "4761739001010118", "00;2909;C1") +
              record(2, kPan1, "00;2913;C1") + "00000003;CLASSIC;\"" + kPan1 + ";00;2909;C1\n" +
              "00000004;CLASSIC\n" + "00000005;CLASSIC;" + kPan1 + ";00;2909;C1;more\n" +
              record(6, kPan1, "00;2610;C1") + "00000007;GOLD;" + kPan1 + ";00;2909;C1\n" +
              record(8, kPan1, "00;2909;C1")) ==
        Items{"0! 00000001 pan luhn", "1! 00000002 expiry month", "2!   csv-quote", "3!   columns",
              "4!   columns", "5! 00000006 expiry expired", "6! 00000007 product product",
              "7: 00000008 CLASSIC 4761739001010119 00 2909 C1 M1 GOLD"});
}

TEST_CASE("a record with several faults has its first one, by the order of the fields") {
  // PAN before PSN before expiry; fields before dates, dates before joins, joins before duplicates.
  CHECK(taken(kHeader + record(1, kPan1, "00;2909;C1") +
              record(2, "4761739001010118", "0;2913;C9") + record(3, kPan1, "0;2913;C9") +
              record(4, kPan1, "00;2913;C9") + record(5, kPan1, "00;2610;C9") +
              record(6, kPan1, "00;2909;C9") + record(7, kPan1, "00;2909;C1")) ==
        Items{"0: 00000001 CLASSIC 4761739001010119 00 2909 C1 M1 GOLD", "1! 00000002 pan luhn",
              "2! 00000003 psn length", "3! 00000004 expiry month", "4! 00000005 expiry expired",
              "5! 00000006 client join", "6! 00000007 pan duplicate"});
}

TEST_CASE("a reject shows no id that is none, and no PAN in its place") {
  CHECK(taken(kHeader + "0000-001;CLASSIC;" + kPan1 + ";00;2909;C1\n" + kPan1 +
              ";CLASSIC;00000002;00;2909;C1\n") ==
        Items{"0!  record_id format", "1!  record_id length"});
}

TEST_CASE("a record whose id holds the card's PAN is rejected, and the reject does not tell it") {
  const TempFolder folder;
  folder.write("cards.csv", kHeader + kPan1 + ";CLASSIC;" + kPan1 + ";00;2909;C1\n" +
                                "17/4761 7390-0101-0119;CLASSIC;" + kPan1 + ";01;2909;C1\n" +
                                kPan1 + ";CLASSIC;" + kPan2 + ";00;2909;C1\n");
  folder.write("members.csv", kMembers);
  kpd::Plan plan = plan_in(folder);
  plan.fields[kId].type = FieldType::ans;
  plan.fields[kId].max_length = 40;
  CHECK(taken(plan) == Items{"0!  record_id record-id-pan", "1!  record_id record-id-pan",
                             "2: " + kPan1 + " CLASSIC " + kPan2 + " 00 2909 C1 M1 GOLD"});
}

TEST_CASE("a record without a partner is rejected, or goes on with empty fields, as the job says") {
  const std::string cards = kHeader + record(1, kPan1, "00;2909;C9");
  CHECK(taken(cards, Missing::reject) == Items{"0! 00000001 client join"});
  CHECK(taken(cards, Missing::empty) == Items{"0: 00000001 CLASSIC 4761739001010119 00 2909 C9  "});
}

TEST_CASE("what a joined source brings is checked as the record's own fields are") {
  const TempFolder folder;
  folder.write("cards.csv", kHeader + record(1, kPan1, "00;2909;C1"));
  folder.write("members.csv", "id,member,tier\nC1,M-1,GOLD\n");
  CHECK(taken(plan_in(folder)) == Items{"0! 00000001 member format"});
}

TEST_CASE("a broken row of a joined source leaves its card without a partner, nothing else") {
  const TempFolder folder;
  folder.write("cards.csv",
               kHeader + record(1, kPan1, "00;2909;C1") + record(2, kPan2, "00;2909;C2"));
  folder.write("members.csv", "id,member,tier\nC1,M1\nC2,M2,GOLD\n");
  CHECK(taken(plan_in(folder)) == Items{"0! 00000001 client join",
                                        "1: 00000002 CLASSIC 5413330089010434 00 2909 C2 M2 GOLD"});
}

TEST_CASE("a card with two records in a joined source is rejected, whichever would be right") {
  const TempFolder folder;
  folder.write("cards.csv",
               kHeader + record(1, kPan1, "00;2909;C1") + record(2, kPan2, "00;2909;C2"));
  folder.write("members.csv", "id,member,tier\nC1,M1,GOLD\nC2,M2,GOLD\nC1,M1,GOLD\n");
  CHECK(taken(plan_in(folder)) == Items{"0! 00000001 client join-twice",
                                        "1: 00000002 CLASSIC 5413330089010434 00 2909 C2 M2 GOLD"});
}

TEST_CASE("rows of a joined source that cannot be read are counted") {
  const TempFolder folder;
  folder.write("cards.csv", kHeader);
  folder.write("members.csv", "id,member,tier\nC1,M1\nC2,\"M\"2,GOLD\nC3,M3,GOLD\n");
  const kpd::Plan plan = plan_in(folder);
  const Intake intake(plan);
  REQUIRE(intake.notes().size() == 1);
  CHECK_THAT(intake.notes()[0], Contains("members.csv: 2 rows"));
  CHECK_THAT(intake.notes()[0], Contains(": line 2 (columns), line 3 (csv-quote)"));
}

TEST_CASE("a row that may be a card's partner ends the run where a card could be made without it") {
  const TempFolder folder;
  folder.write("cards.csv", kHeader);
  folder.write("members.csv", "id,member,tier\nC2,M2,GOLD\nC1,M1\n");
  kpd::Plan plan = plan_in(folder, Missing::empty);
  plan.intake.joins[0].unreadable_stops = true;
  try {
    const Intake intake(plan);
    FAIL_CHECK("the row was passed over");
  } catch (const kpd::Failure& failure) {
    CHECK(failure.code() == kpd::ExitCode::hold);
    CHECK_THAT(failure.what(), Contains("members.csv:3:") && Contains("'loyalty'"));
  }
}

TEST_CASE("a second card of one AID, PAN and PSN is a duplicate") {
  const auto line = [](int id, const std::string& product, const std::string& psn) {
    return "0000000" + std::to_string(id) + ";" + product + ";" + kPan1 + ";" + psn + ";2909;C1\n";
  };
  const Items items = taken(kHeader + line(1, "CLASSIC", "00") + line(2, "CLASSIC", "00") +
                            line(3, "TWIN", "00") +     // the same AID: the same keys
                            line(4, "OTHER", "00") +    // another AID
                            line(5, "CLASSIC", "01") +  // a renewal
                            line(6, "PLAIN", "00") + line(7, "PLAIN", "00"));  // no keys at all
  REQUIRE(items.size() == 7);
  CHECK(items[1] == "1! 00000002 pan duplicate");
  CHECK(items[2] == "2! 00000003 pan duplicate");
  for (std::size_t i : {0U, 3U, 4U, 5U, 6U}) {
    CAPTURE(items[i]);
    CHECK(items[i].at(1) == ':');
  }
}

TEST_CASE("a rejected record does not make the next one a duplicate") {
  CHECK(
      taken(kHeader + record(1, kPan1, "00;2913;C1") + record(2, kPan1, "00;2909;C1")) ==
      Items{"0! 00000001 expiry month", "1: 00000002 CLASSIC 4761739001010119 00 2909 C1 M1 GOLD"});
}

TEST_CASE("a source that lacks a column or is not there is named") {
  const TempFolder folder;
  const kpd::Plan plan = plan_in(folder);
  folder.write("members.csv", kMembers);
  CHECK_THROWS_WITH(Intake(plan), Contains("cards.csv"));
  folder.write("cards.csv", "record_id;product;pan;psn;expiry\n");
  CHECK_THROWS_WITH(Intake(plan), Contains("no column is called 'client'") &&
                                      Contains("record_id, product, pan, psn, expiry"));
  folder.write("cards.csv", "");
  CHECK_THROWS_WITH(Intake(plan), Contains("the first line must name the columns"));
  folder.write("cards.csv", kHeader);
  CHECK(taken(plan).empty());
  folder.write("members.csv", "key,member,tier\n");
  CHECK_THROWS_WITH(Intake(plan), Contains("members.csv: no column is called 'id'"));
}

TEST_CASE("a record in the place of a header is not told to people") {
  const TempFolder folder;
  const kpd::Plan plan = plan_in(folder);
  folder.write("members.csv", kMembers);
  folder.write("cards.csv", "00000001;CLASSIC;4761739001010119;00;2909;C1\n");
  CHECK_THROWS_WITH(Intake(plan),
                    Contains("does the file have a header?") && !Contains("4761739001010119"));
  folder.write("cards.csv", "record_id,product,pan,psn,expiry,client\n");
  CHECK_THROWS_WITH(Intake(plan), Contains("is the delimiter as the job says?"));
}

TEST_CASE("a record's bytes in another encoding become UTF-8 and cross the stages") {
  const TempFolder folder;
  folder.write("cards.csv", kHeader + "M\xFCller;CLASSIC;" + kPan1 + ";00;2909;C1\n");
  folder.write("members.csv", "id,member,tier\nC1,M1,\xD6L\n");
  kpd::Plan plan = plan_in(folder);
  plan.fields[kId].type = plan.fields[kTier].type = FieldType::ans;
  plan.fields[kId].min_length = 6;
  plan.intake.cards.encoding = plan.intake.joins[0].source.encoding = "ISO-8859-1";
  Intake intake(plan);
  const auto card = intake.next();
  REQUIRE(card.has_value());
  kpd::pb::Card crossed;
  CHECK(crossed.ParseFromString(std::get<kpd::pb::Card>(*card).SerializeAsString()));
  CHECK(crossed.fields(kId) == "M\xC3\xBCller");
  CHECK(crossed.fields(kTier) == "\xC3\x96L");
}

TEST_CASE(
    "a fault in a joined record names its file and line; others name the record's line alone") {
  const TempFolder folder;
  folder.write("cards.csv",
               kHeader + record(1, kPan1, "00;2909;C1") + record(2, kPan2, "00;2909;C2"));
  folder.write("members.csv", "id,member,tier\nC2,M2,GOLD\nC1,M-1,GOLD\n");
  kpd::Plan plan = plan_in(folder);
  plan.fields[kPsn].type = FieldType::choice;
  plan.fields[kPsn].choices = {"00"};
  Intake intake(plan);
  const auto joined = std::get<kpd::pb::Reject>(intake.next().value());
  CHECK(joined.line() == 2);
  CHECK(joined.field() == "member");
  CHECK(joined.source() == (folder.path() / "members.csv").string() + ":3");
  CHECK(std::holds_alternative<kpd::pb::Card>(intake.next().value()));
}

TEST_CASE("where the job says so a missing partner is made of defaults") {
  const TempFolder folder;
  folder.write("cards.csv",
               kHeader + record(1, kPan1, "00;2909;C9") + record(2, kPan2, "00;2909;C3"));
  folder.write("members.csv", kMembers);
  kpd::Plan plan = plan_in(folder, Missing::defaults);
  plan.fields[kTier].default_text = "NONE";
  CHECK(taken(plan) == Items{"0: 00000001 CLASSIC 4761739001010119 00 2909 C9  NONE",
                             "1: 00000002 CLASSIC 5413330089010434 00 2909 C3 M3 SILVER"});
  plan.fields[kMember].required = true;
  CHECK(taken(plan) == Items{"0! 00000001 member missing",
                             "1: 00000002 CLASSIC 5413330089010434 00 2909 C3 M3 SILVER"});
}

TEST_CASE("a record that fails before its id is made is known by its id all the same") {
  const TempFolder folder;
  folder.write("cards.csv",
               "record_id;product;pan;psn;expiry;client\n00000001;CLASSIC;123;00;2909;C1\n");
  folder.write("members.csv", kMembers);
  kpd::Plan plan = plan_in(folder);
  std::swap(plan.fields[kId], plan.fields[kPan]);
  plan.roles.record_id = kPan;
  plan.roles.pan = kId;
  CHECK(taken(plan) == Items{"0! 00000001 pan length"});
}

TEST_CASE("a key may be made of several columns, and of several fields") {
  const TempFolder folder;
  folder.write("cards.csv", kHeader + record(1, kPan1, "00;2909;C1"));
  folder.write("members.csv", "id,member,tier\nC1,M1,X01\nC1,M2,X00\n");
  kpd::Plan plan = plan_in(folder);
  kpd::JoinPlan& join = plan.intake.joins[0];
  join.key_text = text("{id}/{tier}", join.inputs, kpd::kFirstInput);
  join.on_text =
      text("{client}/X{psn}", {"record_id", "product", "pan", "psn", "expiry", "client"}, 0);
  CHECK(taken(plan) == Items{"0: 00000001 CLASSIC 4761739001010119 00 2909 C1 M2 X00"});
}

TEST_CASE("a record is what the job's checks say of all its fields") {
  const TempFolder folder;
  folder.write("cards.csv",
               kHeader + record(1, kPan1, "00;2909;C1") + record(2, kPan2, "00;2909;C2"));
  folder.write("members.csv", kMembers);
  kpd::Plan plan = plan_in(folder);
  const auto check = [&](const std::string& condition) {
    return *text("{" + condition + " ? '1' : ''}", {"tier"}, kTier)[0].expression;
  };
  plan.intake.checks = {{check("tier == 'GOLD'"), "tier", {"too-low", "gold only"}}};
  CHECK(taken(plan) == Items{"0: 00000001 CLASSIC 4761739001010119 00 2909 C1 M1 GOLD",
                             "1! 00000002 tier too-low"});
  plan.intake.checks = {{check("4 / len(tier) == 1"), "", {"x", "y"}}};
  CHECK(taken(plan) == Items{"0: 00000001 CLASSIC 4761739001010119 00 2909 C1 M1 GOLD",
                             "1! 00000002  expression"});
}

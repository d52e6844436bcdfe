// What a job says of its fields: how it becomes the plan, and how mistakes are told.
#include <catch2/catch.hpp>

#include "test/unit/support/starter_area.h"

using kpd::FieldPlan;
using kpd::FieldType;
using kpd_test::Edit;
using kpd_test::StarterArea;

namespace {

const std::string kLast = "    emboss_line4: {type: ans, max: 27, required: false}\n";

const FieldPlan& field(const kpd::Plan& plan, const std::string& name) {
  for (const FieldPlan& one : plan.fields)
    if (one.name == name) return one;
  throw std::logic_error(name);
}

/// The messages of a job whose last fields are these.
std::string mistakes_of(const StarterArea& area, const std::string& fields) {
  const Edit edit(area.folder() / "job.yaml", kLast, kLast + fields);
  try {
    area.compile();
  } catch (const kpd::ConfigError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a field's plan holds what the job says of it") {
  const StarterArea area;
  const Edit edit(area.folder() / "job.yaml", kLast, kLast + R"(
    born:    {type: date, column: birth date, format: DD.MM.YYYY, keep: YYYYMMDD, not_after: job-date}
    until:   {type: expiry, format: MM/YY, not_before: born, required: false}
    card_no: {type: pan, length: 16, from: "{pan}", default: "4761739001010119"}
    holder:  {type: emboss, from: "{name}", transliterate: icao-9303, upper: true, characters: "ABC/ "}
    credit:  {type: amount, currency: currency, column: limit_upper}
    debit:   {type: amount, decimals: 0, column: limit_upper, max: 15}
    tier_2:  {type: choice, of: [GOLD, SILVER], column: tier}
    chip_sc: {type: service-code, chip: true, column: service_code}
    photo:   {type: file, folder: photos, max: 100, missing: empty, column: client_id}
)");
  const kpd::Plan plan = area.compile();
  const FieldPlan& born = field(plan, "born");
  CHECK(born.format == "DD.MM.YYYY");
  CHECK(born.keep_century);
  CHECK(plan.intake.inputs.at(born.input.value()) == "birth date");
  REQUIRE(born.order.size() == 1);
  CHECK_FALSE(born.order[0].not_before);
  CHECK_FALSE(born.order[0].other.has_value());
  const FieldPlan& until = field(plan, "until");
  CHECK(until.order.at(0).not_before);
  CHECK(plan.fields[until.order[0].other.value()].name == "born");
  CHECK_FALSE(until.required);
  const FieldPlan& card_no = field(plan, "card_no");
  CHECK(card_no.from.has_value());
  CHECK_FALSE(card_no.input.has_value());
  CHECK(card_no.default_text == "4761739001010119");
  CHECK(card_no.min_length == 16);
  CHECK(field(plan, "holder").transliterate);
  CHECK(field(plan, "holder").upper);
  CHECK(field(plan, "holder").characters == "ABC/ ");
  CHECK(plan.fields[field(plan, "credit").currency.value()].name == "currency");
  CHECK(field(plan, "debit").decimals == 0);
  CHECK(field(plan, "debit").max_length == 15);
  CHECK(field(plan, "tier_2").choices == std::vector<std::string>{"GOLD", "SILVER"});
  CHECK(field(plan, "chip_sc").chip);
  CHECK(field(plan, "photo").folder == (area.folder() / "photos").string());
  CHECK(field(plan, "photo").max_length == 100);
  CHECK(field(plan, "photo").file_may_be_missing);
}

TEST_CASE("a text names earlier fields first, then columns; the field's own name is its column") {
  const StarterArea area;
  const Edit edit(area.folder() / "job.yaml", kLast, kLast + R"(
    text: {type: ans, column: free text, from: "{pan}{text}{other}"}
)");
  const kpd::Plan plan = area.compile();
  const auto fields = kpd::fields_of(field(plan, "text").from.value());
  REQUIRE(fields.size() == 3);
  CHECK(fields[0] == plan.roles.pan);
  CHECK(plan.intake.inputs.at(fields[1] - kpd::kFirstInput) == "free text");
  CHECK(plan.intake.inputs.at(fields[2] - kpd::kFirstInput) == "other");
}

TEST_CASE("mistakes in a field are told with what would be right") {
  const StarterArea area;
  const auto [fields, message] = GENERATE(table<std::string, std::string>({
      {"    x: {type: date, format: DDMMYYYY, chip: true}\n", "unknown key 'chip'"},
      {"    x: {type: n, format: YYMMDD}\n", "unknown key 'format'"},
      {"    x: {type: date, format: MM.YYYY}\n", "a date's pattern has one day"},
      {"    x: {type: expiry, format: DD.MM.YYYY}\n", "an expiry date has no day"},
      {"    x: {type: date, not_before: today}\n", "no field before this one is called 'today'"},
      {"    x: {type: date, not_before: x}\n", "no field before this one is called 'x'"},
      {"    x: {type: date, not_before: name}\n", "field 'name' is no date"},
      {"    x: {type: amount, currency: country}\n", "field 'country' is no currency"},
      {"    x: {type: n, length: 2, default: \"123\"}\n", "refuses its own default"},
      {"    x: {type: country, default: XX}\n", "refuses its own default"},
      {"    x: {type: choice}\n", "key 'of' is missing"},
      {"    x: {type: file}\n", "key 'folder' is missing"},
      {"    x: {type: n, min: 5, max: 4}\n", "4 is not within 5 to"},
      {"    x: {type: ans, transliterate: gost}\n", "none of: icao-9303"},
      {"    x: {type: ans, from: \"{upper(name}\"}\n", "of the text"},
      {"    x-y: {type: ans}\n", "letters, digits and '_'"},
  }));
  CAPTURE(fields);
  const std::string told = mistakes_of(area, fields);
  CHECK_THAT(told, Catch::Contains(message));
  CHECK_THAT(told, Catch::Contains("job.yaml:41:"));
  CHECK(std::count(told.begin(), told.end(), '\n') == 0);
}

TEST_CASE("where the source's columns are known a wrong one is told before it is opened") {
  const StarterArea area;
  const Edit edit(area.folder() / "job.yaml", R"(data/loyalty.csv, delimiter: ","})",
                  R"(data/loyalty.csv, columns: [client, member_no, tier, point]})");
  try {
    area.compile();
    FAIL_CHECK("the plan compiled");
  } catch (const kpd::ConfigError& error) {
    CHECK_THAT(error.what(), Catch::Contains("the source has no column 'points'") &&
                                 Catch::Contains("did you mean 'point'"));
  }
}

TEST_CASE("PINs stay in the fields that are made for them") {
  const StarterArea area;
  for (const auto& [fields, told] : std::vector<std::pair<std::string, std::string>>{
           {"    copy: {type: ans, max: 40, column: pin_block}\n",
            "its column brings PINs, and field 'copy' would carry them on"},
           {"    copy: {type: ans, max: 40, from: \"{pin_block}\"}\n",
            "'pin_block' brings PINs, and field 'copy'"},
           {"    copy: {type: ans, max: 40, from: \"X{sub(pin_block, 1, 4)}\"}\n", "'copy'"},
           {"    second: {type: pin-block, column: pin_block}\n"
            "    copy: {type: ans, max: 40, from: \"{second}\"}\n",
            "'second' brings PINs, and field 'copy'"}}) {
    CAPTURE(fields);
    CHECK_THAT(mistakes_of(area, fields), Catch::Contains(told));
  }
  CHECK(mistakes_of(area, "    second: {type: pin-block, column: pin_block}\n").empty());
  {
    const Edit edit(area.folder() / "job.yaml", "record_id:    {type: an, length: 8}",
                    "record_id: {type: pin-block}");
    CHECK_THAT(mistakes_of(area, ""), Catch::Contains("'record_id' has a meaning of its own"));
  }
  const Edit edit(area.folder() / "job.yaml", "VISA-CLASSIC: cards/classic-sda",
                  "VISA-CLASSIC: {card: cards/classic-sda, risk: {field: pin_block, profiles: "
                  "{A: {}}}}");
  CHECK_THAT(mistakes_of(area, ""), Catch::Contains("it chooses no risk profile"));
}

// show, diff, explain and new: what people see of templates is what the compiler sees.
#include <catch2/catch.hpp>
#include <sstream>

#include "kpd/template/compare.h"
#include "kpd/template/explain.h"
#include "kpd/template/starter.h"
#include "kpd/template/yaml_text.h"
#include "test/unit/support/temp_folder.h"

namespace {

const std::filesystem::path kTemplates = std::filesystem::path(KPD_SOURCE_DIR) / "templates";
const std::filesystem::path kGood =
    std::filesystem::path(KPD_SOURCE_DIR) / "test/samples/templates/applications/good.yaml";

std::string shown(const kpd::Examined& examined, std::size_t card) {
  std::ostringstream out;
  kpd::write_yaml(out, kpd::flattened(examined, card));
  return out.str();
}

/// All texts of a tree.
std::string text_of(const std::vector<kpd::inspect::Node>& nodes) {
  std::string text;
  for (const kpd::inspect::Node& node : nodes)
    text += node.kind + " " + node.id + " " + node.label + " " + node.value + " " + node.note +
            "\n" + text_of(node.children);
  return text;
}

std::string difference(const kpd::Examined& before, const kpd::Examined& after) {
  return text_of(kpd::compare(before, after));
}

kpd::Examined good() {
  return kpd::examine(kGood, {});
}

/// The good template with one change.
kpd::Examined changed(const kpd_test::TempFolder& folder, const std::string& from,
                      const std::string& to) {
  std::string text = kpd_test::content_of(kGood);
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return kpd::examine(folder.write("applications/x.yaml", text.replace(at, from.size(), to)), {});
}

}  // namespace

TEST_CASE("what show prints compiles to the same card, for every template of the library") {
  const kpd_test::TempFolder folder;
  for (const char* kind : {"applications", "cards"})
    for (const auto& file : std::filesystem::directory_iterator(kTemplates / kind)) {
      if (file.path().extension() != ".yaml") continue;
      CAPTURE(file.path());
      const kpd::Examined before = kpd::examine(file.path(), {});
      for (std::size_t card = 0; card < before.job.plan.cards.size(); ++card) {
        const auto copy = folder.write(std::string(kind) + "/shown.yaml", shown(before, card));
        const kpd::Examined after = kpd::examine(copy, {});
        if (before.job.plan.cards.size() == 1) CHECK(difference(before, after).empty());
        CHECK(after.job.plan.cards.at(0).applications.size() ==
              before.job.plan.cards[card].applications.size());
      }
    }
}

TEST_CASE("show says where each value came from") {
  const kpd_test::TempFolder folder;
  folder.write("applications/base.yaml",
               "kind: application\n"
               "aid: \"F000000001\"\n"
               "parameters: {level: {type: hex, length: 1}}\n"
               "elements:\n"
               "  \"DF01\": {value: \"${level}\"}\n"
               "  \"DF02\": {text: \"$${x} {{\"}\n"
               "dgis: [{dgi: \"0E01\", content: [\"DF01\", \"DF02\"]}]\n");
  const auto file = folder.write("applications/own.yaml",
                                 "kind: application\n"
                                 "extends: applications/base\n"
                                 "with: {level: \"07\"}\n"
                                 "elements:\n"
                                 "  \"DF02\": {text: \"own\"}\n");
  const std::string text = shown(kpd::examine(file, {}), 0);
  CHECK_THAT(text, Catch::Contains("\"DF01\": {value: \"07\"}  # ") &&
                       Catch::Contains("base.yaml:5:11; parameter 'level' given at ") &&
                       Catch::Contains("own.yaml:3:15") &&
                       Catch::Contains("own.yaml:5:11; replaces ") && !Catch::Contains("extends") &&
                       !Catch::Contains("parameters:"));
}

TEST_CASE("a plain '${' survives show") {
  const kpd_test::TempFolder folder;
  const auto file = folder.write("applications/a.yaml",
                                 "kind: application\naid: \"F000000001\"\n"
                                 "title: \"costs $${x}\"\ndgis: []\n");
  const auto copy = folder.write("applications/b.yaml", shown(kpd::examine(file, {}), 0));
  CHECK_THAT(kpd_test::content_of(copy), Catch::Contains("title: \"costs $${x}\""));
  CHECK(shown(kpd::examine(copy, {}), 0).find("costs $${x}") != std::string::npos);
}

TEST_CASE("a card template is shown with one of its risk profiles") {
  const kpd_test::TempFolder folder;
  std::filesystem::create_directories(folder.path() / "applications");
  std::filesystem::copy(kGood, folder.path() / "applications/good.yaml");
  const auto file = folder.write("cards/c.yaml",
                                 "kind: card\n"
                                 "applications: [{template: applications/good, issuer: any}]\n"
                                 "risk:\n"
                                 "  field: class\n"
                                 "  default: STANDARD\n"
                                 "  profiles:\n"
                                 "    STANDARD: {}\n"
                                 "    LOW: {good: {elements: {\"9F08\": {value: \"0002\"}}}}\n");
  const kpd::Examined examined = kpd::examine(file, {});
  const auto& plan = examined.job.plan;
  CHECK(plan.cards[kpd::choose(plan, {})].risk == "STANDARD");
  const std::size_t low = kpd::choose(plan, {"", "LOW"});
  CHECK_THAT(shown(examined, low),
             Catch::Contains("\"9F08\": {value: \"0002\"}") && !Catch::Contains("risk:"));
  CHECK_THROWS_AS(kpd::choose(plan, {"", "HIGH"}), kpd::Failure);
  const auto all = kpd::choose_all(plan, {"", "all"});
  REQUIRE(all.size() == 2);
  CHECK(plan.cards[all[0]].risk == "LOW");
  CHECK(plan.cards[all[1]].risk == "STANDARD");
  CHECK(kpd::choose_all(plan, {"", "LOW"}) == std::vector{low});
  CHECK_THROWS_AS(kpd::choose(plan, {"GOLD", ""}), kpd::Failure);
  const auto low_file = folder.write("cards/low.yaml", shown(examined, low));
  const auto standard = folder.write("cards/standard.yaml", shown(examined, kpd::choose(plan, {})));
  CHECK_THAT(difference(kpd::examine(standard, {}), kpd::examine(low_file, {})),
             Catch::Contains("changed 9F08") && Catch::Contains("0001 -> 0002"));
}

TEST_CASE("diff tells decoded what changes on the card") {
  const kpd_test::TempFolder folder;
  const kpd::Examined before = good();
  CHECK(difference(before, good()).empty());
  CHECK_THAT(difference(before, changed(folder, "\"3C00\"", "\"3900\"")),
             Catch::Contains("changed 82") && Catch::Contains("3C00 -> 3900") &&
                 Catch::Contains("line + 1.1 CDA supported"));
  CHECK_THAT(difference(before, changed(folder, "\"FF00\"", "\"AB00\"")),
             Catch::Contains("changed 9F07") && Catch::Contains("line - 1.7"));
  CHECK_THAT(difference(before, changed(folder, "1F03\"", "1F00\"")),
             Catch::Contains("changed 8E"));
  CHECK_THAT(difference(before, changed(folder, "{text: \"{name}\"}", "{text: \"{name|upper}\"}")),
             Catch::Contains("{text: \"{name}\"} -> {text: \"{name|upper}\"}"));
  CHECK_THAT(difference(before, changed(folder, "[\"57\", \"5F20\"]", "[\"57\"]")),
             Catch::Contains("changed 1/1") && Catch::Contains("57 5F20 -> 57"));
  CHECK_THAT(difference(before, changed(folder, "\"9F07\", \"8E\"]}", "\"8E\", \"9F07\"]}")),
             Catch::Contains("changed signed-data"));
  CHECK_THAT(difference(before, changed(folder, "\"0303\"", "\"0505\"")),
             Catch::Contains("changed 9010") && Catch::Contains("constant 0505"));
  CHECK_THAT(difference(before, changed(folder, "SMC: IMK-SMC", "SMC: IMK-OTHER")),
             Catch::Contains("changed SMC") && Catch::Contains("from IMK-OTHER"));
  CHECK_THAT(difference(before, changed(folder, "bits: 1152", "bits: 1024")),
             Catch::Contains("card key of 1024 bits"));
  CHECK_THAT(difference(before, changed(folder, "label: GOOD", "label: BEST")),
             Catch::Contains("GOOD -> BEST"));
}

TEST_CASE("explain tells rule, places and bytes of a tag, a record and a DGI") {
  const kpd::Examined examined = good();
  const auto told = [&](const std::string& what) {
    return text_of(kpd::explain(examined, nullptr, {what, "", 0}, nullptr));
  };
  CHECK_THAT(told("8E"), Catch::Contains("good.yaml:33:11") && Catch::Contains("record 2/1") &&
                             Catch::Contains("enciphered PIN, checked by the card"));
  CHECK_THAT(told("9F46"),
             Catch::Contains("signed by issuer issuer") && Catch::Contains("record 3/2"));
  CHECK_THAT(told("57"), Catch::Contains("field pan") && Catch::Contains("field icvv"));
  CHECK_THAT(told("A5"), Catch::Contains("dgi 9102"));
  CHECK_THAT(told("2/1"), Catch::Contains("element 5A") && Catch::Contains("DGI 0201, signed"));
  CHECK_THAT(told("9102"), Catch::Contains("element 87") && Catch::Contains("1 of 20"));
  CHECK_THAT(told("8000"),
             Catch::Contains("from IMK-AC") && Catch::Contains("transport key for card keys"));
  CHECK_THAT(told("8010"), Catch::Contains("transport key for PINs"));
  CHECK_THROWS_AS(told("9F99"), kpd::Failure);
  CHECK_THROWS_AS(told("nothing"), kpd::Failure);
}

TEST_CASE("a new template is complete and says what can be changed") {
  const kpd_test::TempFolder folder;
  std::filesystem::copy(kTemplates, folder.path(), std::filesystem::copy_options::recursive);
  for (const auto& base : kpd::library(folder.path(), "application")) {
    CAPTURE(base.name);
    kpd::Start start;
    start.from = base.name;
    start.title = "A \"new\" one";
    for (const auto& parameter : base.parameters)
      if (parameter.required) start.with[parameter.name] = "";
    if (!start.with.empty()) continue;  // those need real values
    const auto file =
        folder.write("applications/fresh.yaml", kpd::start_text(start, folder.path()));
    CHECK(
        difference(kpd::examine(folder.path() / (base.name + ".yaml"), {}), kpd::examine(file, {}))
            .empty());
    std::filesystem::remove(file);
  }
}

TEST_CASE("new asks for what is missing, one question a line") {
  const kpd_test::TempFolder folder;
  std::filesystem::create_directories(folder.path() / "applications");
  std::filesystem::copy(kGood, folder.path() / "applications/good.yaml");
  std::istringstream answers("application\ndda\nmaybe\nno\n9\n1\nclub\n\nF000000077\n\n");
  std::ostringstream questions;
  kpd::Start start;
  kpd::ask(start, folder.path(), answers, questions);
  CHECK(start.name == "club");
  CHECK(start.from == "applications/good");
  CHECK(start.aid == "F000000077");
  CHECK(start.label == "GOOD");
  CHECK_THAT(questions.str(),
             Catch::Contains("'maybe' is none of them") && Catch::Contains("a number from 1 to 1"));
  std::istringstream too_few("application\n");
  kpd::Start again;
  CHECK_THROWS_AS(kpd::ask(again, folder.path(), too_few, questions), kpd::Failure);
  kpd::Start wrong;
  wrong.from = "applications/god";
  CHECK_THROWS_WITH(kpd::start_text(wrong, folder.path()),
                    Catch::Contains("did you mean 'applications/good'"));
}

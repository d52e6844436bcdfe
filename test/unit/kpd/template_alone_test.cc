// Templates without a job: what they name is assumed, what they need is given or sampled.
#include <catch2/catch.hpp>

#include "kpd/plan/compile.h"
#include "kpd/template/check_report.h"
#include "test/unit/support/temp_folder.h"

namespace {

const std::string kBase =
    "kind: application\n"
    "aid: \"${aid}\"\n"
    "parameters:\n"
    "  aid: {type: hex, default: \"F000000001\"}\n"
    "  points: {type: n, length: 4}\n"
    "elements:\n"
    "  \"DF01\": {text: \"${points}{any_field}\"}\n"
    "records: [{sfi: 1, record: 1, content: [\"DF01\"]}]\n"
    "dgis: [records]\n";

const std::filesystem::path kTemplates = std::filesystem::path(KPD_SOURCE_DIR) / "templates";

}  // namespace

TEST_CASE("a template alone may name any field, key and issuer") {
  const kpd_test::TempFolder folder;
  const auto compiled = kpd::examine_template(folder.write("applications/a.yaml", kBase), {});
  CHECK(compiled.job.mistakes.all().empty());
  REQUIRE(compiled.job.plan.cards.size() == 1);
  CHECK(compiled.job.plan.cards[0].applications.at(0).elements.at(0).text.size() == 2);
}

TEST_CASE("a parameter without a default is sampled and noted, or given") {
  const kpd_test::TempFolder folder;
  const auto file = folder.write("applications/a.yaml", kBase);
  const auto sampled = kpd::examine_template(file, {});
  REQUIRE(sampled.notes.size() == 1);
  CHECK_THAT(sampled.notes[0], Catch::Contains("'points' has no default: taken as \"0000\""));
  kpd::TemplateWorld world;
  world.with = {{"points", "1234"}};
  const auto given = kpd::examine_template(file, world);
  CHECK(given.notes.empty());
  CHECK(given.job.plan.cards.at(0).applications.at(0).elements.at(0).text.at(0).literal == "1234");
  world.with = {{"points", "123"}};
  CHECK(kpd::examine_template(file, world).job.mistakes.any_errors());
  world.with = {{"points", "1234"}, {"pionts", "1"}};
  CHECK(kpd::examine_template(file, world).job.mistakes.any_errors());
}

TEST_CASE("a card may write an application out instead of naming its template") {
  const kpd_test::TempFolder folder;
  const auto card = folder.write("cards/c.yaml",
                                 "kind: card\n"
                                 "parameters: {points: {type: n, default: \"77\"}}\n"
                                 "applications:\n"
                                 "  - kind: application\n"
                                 "    name: club\n"
                                 "    aid: \"F000000001\"\n"
                                 "    elements: {\"DF01\": {text: \"${points}\"}}\n"
                                 "    records: [{sfi: 1, record: 1, content: [\"DF01\"]}]\n"
                                 "    dgis: [records]\n");
  const auto compiled = kpd::examine_template(card, {});
  CHECK(compiled.job.mistakes.all().empty());
  REQUIRE(compiled.job.plan.cards.size() == 1);
  CHECK(compiled.job.plan.cards[0].applications.at(0).template_name == "club");
  CHECK(compiled.job.documents.at(0).applications.at(0).name == "club");
}

TEST_CASE("a base that others complete is not looked into for what it leaves open") {
  const kpd_test::TempFolder folder;
  const auto compiled = kpd::examine_template(
      folder.write("applications/base.yaml",
                   "kind: application\ncryptogram: visa-cvn18\nkeys: {AC: IMK}\ndgis: []\n"),
      {});
  CHECK(compiled.job.mistakes.all().empty());
  REQUIRE(compiled.notes.size() == 1);
  CHECK_THAT(compiled.notes[0], Catch::Contains("no 'aid'"));
}

TEST_CASE("a file of another kind is told by its own kind's rules") {
  const kpd_test::TempFolder folder;
  const auto mistakes = [&](const std::string& text) {
    return kpd::check_file(folder.write("x.yaml", text), {}, {}).mistakes;
  };
  CHECK(mistakes("kind: constants\nvalues: {a: 1}\n").empty());
  CHECK(mistakes("kind: constants\nvalues: {a: {b: 1}}\n").size() == 1);
  CHECK(mistakes("kind: chip\nkmc_id: \"541312FFFFFF\"\ninstances: []\n").empty());
  CHECK(mistakes("kind: chip\nkmc_id: \"5413\"\ninstances: []\n").size() == 1);
  CHECK(mistakes("kind: area\nmodule: x.so\nparties: {}\n").empty());
  REQUIRE(mistakes("kind: aplication\n").size() == 1);
  CHECK(mistakes("kind: aplication\n")[0].id == "unknown-kind");
  CHECK_THAT(mistakes("kind: aplication\n")[0].hint, Catch::Contains("application"));
  CHECK(mistakes("[1]\n").size() == 1);
}

TEST_CASE("nothing is wrong in the templates that come with the program") {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kTemplates)) {
    if (entry.path().extension() != ".yaml") continue;
    const auto checked = kpd::check_file(entry.path(), {}, {});
    for (const kpd::Mistake& mistake : checked.mistakes) {
      INFO(kpd::line_of(mistake));
      CHECK(mistake.warning);
    }
  }
}

TEST_CASE("reports hold the same mistakes for people, programs and pipelines") {
  const kpd_test::TempFolder folder;
  const std::vector<kpd::CheckedFile> files{
      kpd::check_file(folder.write("a.yaml", "kind: constants\nvalues: {a: {\"<&\": 1}}\n"), {},
                      {}),
      kpd::check_file(folder.write("b.yaml", "kind: constants\nvalues: {}\n"), {}, {})};
  CHECK(kpd::count(files, false).errors == 1);
  CHECK(kpd::exit_code(kpd::count(files, false)) == kpd::ExitCode::usage);
  std::ostringstream json, junit;
  kpd::write_json(json, files, false);
  CHECK_THAT(json.str(), Catch::Contains("\"line\": 2") && Catch::Contains("\"errors\": 1"));
  kpd::write_junit(junit, files, false);
  CHECK_THAT(junit.str(), Catch::Contains("failures=\"1\"") && Catch::Contains("failures=\"0\"") &&
                              Catch::Contains("name=\"no errors\""));
}

TEST_CASE("nothing but missing keys is for a person, warnings count when asked") {
  kpd::CheckedFile file;
  file.mistakes.push_back({{}, {}, "no such key", {}, kpd::kMissingKey, false});
  CHECK(kpd::exit_code(kpd::count(std::vector{file}, false)) == kpd::ExitCode::hold);
  file.mistakes.push_back({{}, {}, "odd", {}, "auc", true});
  CHECK(kpd::exit_code(kpd::count(std::vector{file}, false)) == kpd::ExitCode::hold);
  CHECK(kpd::exit_code(kpd::count(std::vector{file}, true)) == kpd::ExitCode::usage);
}

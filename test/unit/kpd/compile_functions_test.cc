// A job's own functions on their way into its plan.
#include <catch2/catch.hpp>
#include <fstream>

#include "test/unit/support/starter_area.h"

using kpd_test::Edit;
using kpd_test::StarterArea;

namespace {

/// The starter job with a file of functions, and a card that uses one in its $EM3.
class AreaWithFunctions {
 public:
  explicit AreaWithFunctions(const std::string& text)
      : job_(area_.folder() / "job.yaml", "test: true\n", "test: true\nfunctions: own.lua\n"),
        card_(area_.folder() / "templates/cards/classic-sda.yaml", "{name|upper}", text) {}

  void write(const std::string& script) const { std::ofstream(file()) << script; }
  std::filesystem::path file() const { return area_.folder() / "own.lua"; }
  kpd::Plan compile() const { return area_.compile(); }

  /// The first mistake, as people see it.
  std::string mistake() const {
    try {
      area_.compile();
    } catch (const kpd::ConfigError& error) {
      return error.mistakes().front().line();
    }
    return "the plan compiled";
  }

 private:
  StarterArea area_;
  Edit job_, card_;
};

constexpr const char* kScript = "function first(s)\n  return text.part(s, '/', 2)\nend\n";

}  // namespace

TEST_CASE("a job's own functions stand in its templates; their file is part of the plan") {
  const AreaWithFunctions area("{first(name)}");
  area.write(kScript);
  const kpd::Plan plan = area.compile();
  const kpd::CardPlan& card = plan.cards.at(plan.products.at("VISA-CLASSIC"));
  const auto module = std::find_if(card.modules.begin(), card.modules.end(),
                                   [](const auto& one) { return one.mic == "$EM3"; });
  REQUIRE(module != card.modules.end());
  const auto name = [](kpd::FieldId) { return std::string_view("PETROVA/OLGA"); };
  CHECK(kpd::expand(module->text, name) == "OLGA");

  CHECK(area.compile().digest == plan.digest);
  area.write(std::string(kScript) + " ");
  CHECK(area.compile().digest != plan.digest);
}

TEST_CASE("mistakes in a job's functions and their uses are named with their place") {
  const AreaWithFunctions area("{frist(name)}");
  CHECK_THAT(area.mistake(), Catch::Contains("job.yaml:") && Catch::Contains("cannot be read"));
  area.write("function first(s)\n  return s ..\nend\n");
  CHECK_THAT(area.mistake(), Catch::StartsWith(area.file().string() + ":3:1: ") &&
                                 Catch::Contains("unexpected symbol near 'end'"));
  area.write(kScript);
  CHECK_THAT(area.mistake(),
             Catch::Contains("classic-sda.yaml:") &&
                 Catch::Contains("no function is called 'frist', at character 2 of the text") &&
                 Catch::Contains("did you mean 'first'?"));
}

// Sources that are written where their values stand: computed as those under 'elements' are.
#include <algorithm>
#include <catch2/catch.hpp>

#include "kpd/plan/compile.h"
#include "test/unit/support/temp_folder.h"

namespace {

const std::filesystem::path kGood =
    std::filesystem::path(KPD_SOURCE_DIR) / "test/samples/templates/applications/good.yaml";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

kpd::CompiledJob compiled(const std::string& text) {
  const kpd_test::TempFolder folder;
  return kpd::examine_template(folder.write("applications/own.yaml", text), {}).job;
}

/// The first element of this tag that stands in one place only.
const kpd::ElementPlan& only_here(const kpd::ApplicationPlan& application, kpd::Tag tag) {
  const auto found = std::ranges::find_if(
      application.elements, [&](const auto& one) { return one.tag == tag && one.only_here; });
  REQUIRE(found != application.elements.end());
  return *found;
}

}  // namespace

TEST_CASE("an IVCVC3 written in one place is over its own track") {
  const std::string good = kpd_test::content_of(kGood);
  const auto job = compiled(
      replaced(replaced(replaced(good, "  SMC: IMK-SMC\n", "  SMC: IMK-SMC\n  CVC3: IMK-CVC3\n"),
                        "  \"9F05\"",
                        "  \"9F6B\": {value: \"4761730000000010D291220100000000\"}\n  \"9F05\""),
               "content: [\"57\", \"5F20\"]",
               "content: [\"57\", \"5F20\", \"9F6B\", {\"9F61\": {compute: ivcvc3-track2}}]"));
  const kpd::ApplicationPlan& application = job.plan.cards.at(0).applications.at(0);
  const kpd::ElementPlan& code = only_here(application, 0x9F61);
  REQUIRE(code.ivcvc3);
  CHECK(application.elements[code.ivcvc3->over].tag == 0x9F6B);
}

TEST_CASE("an IVCVC3 is over a track that is written in one place, or over none of two") {
  const std::string track = "{\"9F6B\": {value: \"4761730000000010D291220100000000\"}}";
  const std::string good = replaced(kpd_test::content_of(kGood), "  SMC: IMK-SMC\n",
                                    "  SMC: IMK-SMC\n  CVC3: IMK-CVC3\n");
  const auto with = [&](const std::string& content) {
    return compiled(
        replaced(replaced(good, "[\"57\", \"5F20\"]", "[\"57\", \"5F20\", " + track + "]"),
                 "  - {dgi: \"9200\"",
                 "  - {dgi: \"B010\", content: [" + content + "]}\n  - {dgi: \"9200\""));
  };
  const std::string code = "{\"9F61\": {compute: ivcvc3-track2}}";
  const auto job = with(code);
  const kpd::ApplicationPlan& application = job.plan.cards.at(0).applications.at(0);
  REQUIRE(only_here(application, 0x9F61).ivcvc3);
  const kpd::ElementPlan& over = application.elements[only_here(application, 0x9F61).ivcvc3->over];
  CHECK(emvcrypto::to_hex(over.value) == "4761730000000010D291220100000000");

  std::string told;
  const auto two = with(code + ", " + track);
  for (const kpd::Mistake& mistake : two.mistakes.all()) told += mistake.line() + "\n";
  CHECK_THAT(told, Catch::Contains("this is over 9F6B, which has 2 sources here"));
}

TEST_CASE("an AFL computed in one place is that of the records") {
  const std::string good = kpd_test::content_of(kGood);
  const auto job = compiled(replaced(good, "  - {dgi: \"9104\", content: [\"82\", \"94\"]}\n",
                                     "  - {dgi: \"9104\", content: [\"82\", \"94\"]}\n"
                                     "  - {dgi: \"9207\", content: [{\"94\": {compute: afl}}]}\n"));
  CHECK_FALSE(job.mistakes.any_errors());
  const kpd::ApplicationPlan& application = job.plan.cards.at(0).applications.at(0);
  CHECK(emvcrypto::to_hex(only_here(application, 0x94).value) == "080101001001030218010300");
}

TEST_CASE("interfaces of an application that contradict each other are found") {
  const std::string good = kpd_test::content_of(kGood);
  const auto with = [&](const std::string& content) {
    const auto job = compiled(replaced(good, "  - records\n",
                                       "  - {dgi: \"9207\", content: [" + content +
                                           "]}\n"
                                           "  - records\n"));
    std::string all;
    for (const kpd::Mistake& mistake : job.mistakes.all())
      all += mistake.id + ": " + mistake.text + "\n";
    return all;
  };
  CHECK(
      with("{\"82\": {value: \"3C00\"}}, {\"94\": {value: \"080101001001030218010300\"}}").empty());
  // One that authenticates nothing.
  CHECK(with("{\"94\": {value: \"080101001001030018010300\"}}").empty());
  CHECK_THAT(with("{\"94\": {value: \"080101001001030118010300\"}}"),
             Catch::Contains("afl: the AFL (94) says that record 2 of file 2 is not signed"));
  CHECK_THAT(with("{\"94\": {value: \"080101001001040218010300\"}}"),
             Catch::Contains("afl: the AFL (94) names record 4 of file 2"));
  CHECK_THAT(with("{\"94\": {value: \"1001010118010300\"}}"),
             Catch::Contains("marks other records"));
  CHECK_THAT(with("{\"82\": {value: \"2000\"}}"), Catch::Contains("aip: the AIP is signed (9F4A)"));
  CHECK_THAT(with("{\"82\": {value: \"4000\"}}"), Catch::Contains("aip: this AIP (82) promises"));
}

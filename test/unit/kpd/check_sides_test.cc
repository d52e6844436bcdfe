// Each interface of an application is checked with the data that its terminals read, also where
// they are written in one place only.
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

const std::string kList =
    "\"9F02:6\", \"9F03:6\", \"9F1A:2\", \"95:5\", \"5F2A:2\", \"9A:3\", "
    "\"9C:1\", \"9F37:4\"";
// An interface that reads all but record 3 of file 2, and has data object lists of its own.
const std::string kRecord = "  - {sfi: 4, record: 1, afl: false, content: [{\"8C\": {dol: [" +
                            kList + "]}}, {\"8D\": {dol: [\"8A:2\", " + kList + "]}}]}\n";
const std::string kDgis =
    "  - {dgi: \"9103\", content: [{\"A5\": [\"50\", \"87\", {\"9F38\": {dol: [\"9F1A:2\"]}}]}]}\n"
    "  - {dgi: \"9207\", content: [{\"82\": {value: \"3C00\"}}, {\"94\": {value: "
    "\"08010100100102021801030020010100\"}}]}\n";

/// What is found when one thing of the second interface is changed.
std::string found(const std::string& from = {}, const std::string& to = {}) {
  const std::string text =
      replaced(replaced(kpd_test::content_of(kGood), "\ndgis:\n", kRecord + "\ndgis:\n"),
               "  - records\n", kDgis + "  - records\n");
  const kpd_test::TempFolder folder;
  const auto file =
      folder.write("applications/own.yaml", from.empty() ? text : replaced(text, from, to));
  std::string all;
  const auto mistakes = kpd::examine_template(file, {}).job.mistakes;
  for (const kpd::Mistake& mistake : mistakes.all())
    all += (mistake.warning ? "warning " : "error ") + mistake.id + ": " + mistake.path + ": " +
           mistake.text + "\n";
  return all;
}

}  // namespace

TEST_CASE("nothing is found in two good interfaces") {
  CHECK(found() == "");
}

TEST_CASE("lists written in one place ask for what their own interface has") {
  const std::string own = "{\"8C\": {dol: [";
  CHECK_THAT(found(own, own + "\"9F42:2\", "),
             Catch::Contains("error dol: elements.8C: CDOL1 (8C) asks for 9F42 (Application "
                             "Currency Code), which the card does not have on this interface"));
  CHECK(found(own, own + "\"5F28:2\", ") == "");
  CHECK_THAT(found(own + "\"9F02:6\", ", own),
             Catch::Contains("error dol: elements.8C: CDOL1 (8C) lacks 9F02"));
  CHECK_THAT(found(own, own + "\"9F02:6\", "),
             Catch::Contains("warning dol: ") && Catch::Contains("twice"));
  CHECK_THAT(found("{\"9F38\": {dol: [\"9F1A:2\"", "{\"9F38\": {dol: [\"5F24:3\""),
             Catch::Contains("error dol: elements.9F38: the PDOL (9F38) asks for 5F24"));
}

TEST_CASE("a CDOL2 without the response code is a warning") {
  CHECK(found("{dol: [\"8A:2\", " + kList + "]}}]}", "{dol: [" + kList + "]}}]}")
            .starts_with("warning dol: elements.8D: CDOL2 (8D) lacks 8A"));
}

TEST_CASE("CVM lists written in one place are read as all others") {
  const std::string end = kList + "]}}]}\n";
  const auto with = [&](const std::string& list) {
    return found("\"8A:2\", " + end,
                 "\"8A:2\", " + kList + "]}}, {\"8E\": {value: \"" + list + "\"}}]}\n");
  };
  CHECK_THAT(with("00000000000000005003"),
             Catch::Contains("error cvm-list: elements.8E: rule 1 of the CVM list (8E) names "
                             "method 10"));
  CHECK_THAT(with("0000000000000000010302"), Catch::Contains("not 11 bytes"));
  CHECK_THAT(with("00000001000000011E06"), Catch::Contains("no record holds 9F42"));
  CHECK_THAT(with("0000000000000000440341031E031F03"),
             Catch::Contains("error duplicate-tag: records.4/1: 8E"));
}

TEST_CASE("the FCI and the AIP of each interface are looked at") {
  CHECK_THAT(found("{\"9F38\": {dol: [\"9F1A:2\"]}}]}]}", "\"8E\"]}]}"),
             Catch::Contains("error misplaced-tag: dgis.9103: 8E"));
  CHECK_THAT(found("{\"82\": {value: \"3C00\"}}", "{\"82\": {value: \"2C00\"}}"),
             Catch::Contains("warning cvm-list: elements.82: terminals pass over"));
  CHECK_THAT(found("100102021801030020010100\"}}", "1801030020010100\"}}"),
             Catch::Contains("no record of its AFL holds a CVM list"));
}

TEST_CASE("an AFL without tags is read too") {
  const auto with = [](const std::string& bytes) {
    return found("  - records\n", "  - {dgi: \"B005\", value: \"" + bytes + "\"}\n  - records\n");
  };
  CHECK(with("3C0008010100100103021801030020010100").find("8E") == std::string::npos);
  CHECK_THAT(with("3C0010010502"), Catch::Contains("error afl: dgis.B005: the AFL (94) names "
                                                   "record 4 of file 2"));
  CHECK_THAT(with("3C001001010118010300"), Catch::Contains("error afl: dgis.B005: this AFL (94) "
                                                           "marks other records"));
  CHECK_THAT(with("7C0008010100"), Catch::Contains("error aip: dgis.B005"));
}

TEST_CASE("what no signed record holds is told, also where it is written in one place") {
  CHECK_THAT(found("content: [\"57\", \"5F20\"]",
                   "content: [\"57\", \"5F20\", {\"9F0F\": {value: \"F8E064F800\"}}]"),
             Catch::Contains("duplicate-tag"));
}

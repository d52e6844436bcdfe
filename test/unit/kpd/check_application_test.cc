// Each class of mistakes in an application is found: one thing in a good template is broken, and
// the check names its class and its line.
#include <algorithm>
#include <catch2/catch.hpp>

#include "kpd/template/file_check.h"
#include "test/unit/support/temp_folder.h"

namespace {

const std::filesystem::path kGood =
    std::filesystem::path(KPD_SOURCE_DIR) / "test/samples/templates/applications/good.yaml";

/// A change of the good template: what is found, and the text in whose line it is.
struct Broken {
  std::string from, to;  ///< the first place of `from`
  std::string id, at, text;
  bool warning = false;
};
constexpr bool kWarning = true;

std::size_t line_of(const std::string& text, const std::string& part) {
  const std::size_t at = text.find(part);
  REQUIRE(at != text.npos);
  return static_cast<std::size_t>(
             std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
         1;
}

std::string told(const kpd::CheckedFile& checked) {
  std::string all;
  for (const kpd::Mistake& mistake : checked.mistakes)
    all += mistake.id + ": " + mistake.line() + "\n";
  return all;
}

kpd::CheckedFile check(const kpd_test::TempFolder& folder, const std::string& text) {
  return kpd::check_file(folder.write("applications/bad.yaml", text), {}, {});
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

void check_broken(const std::vector<Broken>& list) {
  const kpd_test::TempFolder folder;
  const std::string good = kpd_test::content_of(kGood);
  for (const Broken& broken : list) {
    CAPTURE(broken.from, broken.to, broken.id);
    const std::string text = replaced(good, broken.from, broken.to);
    const kpd::CheckedFile checked = check(folder, text);
    CAPTURE(told(checked));
    const auto found = std::find_if(
        checked.mistakes.begin(), checked.mistakes.end(), [&](const kpd::Mistake& mistake) {
          return mistake.id == broken.id && mistake.text.find(broken.text) != std::string::npos;
        });
    if (found == checked.mistakes.end()) {
      FAIL_CHECK("not found");
      continue;
    }
    CHECK(found->warning == broken.warning);
    CHECK(static_cast<std::size_t>(found->place.line) == line_of(text, broken.at));
  }
}

}  // namespace

TEST_CASE("nothing is found in a good template") {
  const auto checked = kpd::check_file(kGood, {}, {});
  CHECK(told(checked).empty());
  CHECK(checked.notes.empty());
  CHECK(checked.kind == "application");
}

TEST_CASE("data objects that EMV wants are missed") {
  check_broken({
      {"[\"5A\", \"5F24\"", "[\"5F24\"", "missing-element", "kind:", "no record holds 5A"},
      {"[\"5A\", \"5F24\"", "[\"5A\"", "missing-element", "kind:", "no record holds 5F24"},
      {"[\"8C\", \"8D\"", "[\"8D\"", "missing-element", "kind:", "no record holds 8C"},
      {"[\"8C\", \"8D\"", "[\"8C\"", "missing-element", "kind:", "no record holds 8D"},
      {"[\"82\", \"94\"]}", "[\"82\"]}", "missing-element", "kind:", "no DGI holds 94"},
      {"[\"82\", \"94\"]}", "[\"94\"]}", "missing-element", "kind:", "no DGI holds 82"},
      {"[\"50\", \"87\"", "[\"87\"", "missing-element", "kind:", "no DGI holds 50"},
      {"content: [\"90\"]", "content: [\"9F08\"]", "missing-element",
       "kind:", "no record holds 90"},
      {"\"9F47\", \"9F48\", ", "\"9F47\", ", "missing-element", "kind:", "no record holds 9F48"},
      {"\"9F32\", \"92\"]", "\"9F32\"]", "missing-element", "kind:", "no record holds 92"},
  });
}

TEST_CASE("data objects in the wrong place are found") {
  check_broken({
      {"[\"57\", \"5F20\"]", "[\"57\", \"82\"]", "misplaced-tag", "record: 1", "82 ("},
      {"[\"57\", \"5F20\"]", "[\"57\", \"94\"]", "misplaced-tag", "record: 1", "94 ("},
      {"[\"57\", \"5F20\"]", "[\"57\", \"9F36\"]", "misplaced-tag", "record: 1", "by GET DATA"},
      {"[\"57\", \"5F20\"]", "[\"57\", \"50\"]", "misplaced-tag", "record: 1", "into the FCI"},
      {"[\"57\", \"5F20\"]", "[\"57\", \"9F38\"]", "misplaced-tag", "record: 1", "into the FCI"},
      {"\"9F05\": {text: \"{note}\"}", "\"9F37\": {value: \"00000000\"}", "no-source",
       "\"9F48\", \"9F05\"]", "9F05 is placed here"},
      {"[{\"A5\": [\"50\", \"87\", \"9F38\"]}]", "[\"50\", \"87\", \"9F38\"]", "misplaced-tag",
       "\"9102\"", "outside template A5"},
      {"[{\"A5\": [\"50\", ", "[{\"A5\": [\"50\", \"8E\", ", "misplaced-tag", "\"9102\"",
       "8E (Cardholder Verification Method (CVM) List) does not belong"},
      {"[\"57\", \"5F20\"]", "[\"57\", \"5F20\", \"8E\"]", "duplicate-tag", "sfi: 2, record: 1",
       "in records already"},
  });
}

TEST_CASE("a tag twice in one place, records and secrets written out are found") {
  const std::string place = "  - {dgi: \"3000\"";
  check_broken({
      {"[\"82\", \"94\"]}", "[\"82\", \"94\", \"82\"]}", "duplicate-tag", "\"9104\"",
       "82 stands here twice"},
      {"[\"50\", \"87\", \"9F38\"]", "[\"50\", \"87\", \"50\", \"9F38\"]", "duplicate-tag",
       "\"9102\"", "50 stands here twice"},
      {place, "  - {dgi: \"0203\", value: \"7003DF0101\"}\n" + place, "afl", "\"0203\", value",
       "a record that terminals read"},
      {place, "  - {dgi: \"0104\", content: [\"9F05\"]}\n" + place, "afl", "\"0104\", content",
       "a record that terminals read"},
      {place, "  - {dgi: \"8001\", value: \"00\"}\n" + place, "clear-secret", "\"8001\", value",
       "in clear"},
      {place, "  - {dgi: \"8001\", raw: [\"9F05\"]}\n" + place, "clear-secret", "\"8001\", raw",
       "in clear"},
      {place, "  - {dgi: \"8001\", content: [\"9F05\"]}\n" + place, "clear-secret",
       "\"8001\", content", "in clear"},
  });
}

TEST_CASE("a record that the AFL names in a file of the issuer's own is told") {
  check_broken({{"{sfi: 3, record: 3,", "{sfi: 12, record: 3,", "afl", "{sfi: 12, record: 3",
                 "files 1 to 10", kWarning}});
}

TEST_CASE("a terminal's data in a record is found") {
  const kpd_test::TempFolder folder;
  const std::string text =
      replaced(replaced(kpd_test::content_of(kGood), "\"9F05\": {text: \"{note}\"}",
                        "\"9F37\": {value: \"00000000\"}"),
               "\"9F48\", \"9F05\"]", "\"9F48\", \"9F37\"]");
  CHECK_THAT(told(check(folder, text)),
             Catch::Contains("misplaced-tag") && Catch::Contains("comes from the terminal"));
}

TEST_CASE("unknown tags are told with the nearest known one") {
  check_broken({
      {"\"9F05\": {text", "\"9F08\": {text", "duplicate-key", "\"9F08\": {text", "twice"},
      {"  \"9F36\": {value", "  \"9F99\": {value", "no-source", "[\"9F36\"]", "9F36"},
  });
  const kpd_test::TempFolder folder;
  std::string text = kpd_test::content_of(kGood);
  for (std::size_t at; (at = text.find("\"9F05\"")) != text.npos;) text.replace(at, 6, "\"9F2C\"");
  CHECK_THAT(told(check(folder, text)), Catch::Contains("unknown-tag") &&
                                            Catch::Contains("tag 9F2C is not known") &&
                                            Catch::Contains("did you mean"));
}

TEST_CASE("wrong lengths are found before a card is") {
  check_broken({
      {"{value: \"3C00\"}", "{value: \"3C\"}", "length", "{value: \"3C\"}", "82 ("},
      {"\"5F28\": {text: \"{country}\", as: n, width: 2}",
       "\"5F28\": {text: \"{country}\", as: n, width: 3}", "length", "width: 3", "3 are made"},
      {"{text: \"{name}\"}", "{text: \"{psn}\", as: hex}", "length", "{text: \"{psn}\", as: hex}",
       "1 are made"},
      {"{text: \"{note}\"}", "{text: \"\"}", "length", "{text: \"\"}", "always empty"},
  });
}

TEST_CASE("records that cannot be read are found") {
  check_broken({
      {"[\"57\", \"5F20\"]", "[\"57\", {\"70\": [\"90\"]}, {\"70\": [\"9F46\"]}]", "record-length",
       "sfi: 1, record: 1", "bytes at least, 254 are allowed"},
  });
  const kpd_test::TempFolder folder;
  const std::string text =
      replaced(replaced(kpd_test::content_of(kGood), "\"9F05\": {", "\"5F50\": {"),
               "\"9F48\", \"9F05\"]", "\"9F48\", \"5F50\"]");
  const auto checked = check(folder, text);
  CHECK_THAT(told(checked), Catch::Contains("record-length: ") && Catch::Contains("can get"));
  CHECK(checked.mistakes.at(0).warning);
}

TEST_CASE("an AFL that does not agree with the records is found") {
  check_broken({
      {"{compute: afl}", "{value: \"0801010010010302\"}", "afl", "sfi: 3, record: 1",
       "no terminal reads record 1 of file 3", kWarning},
      {"{compute: afl}", "{value: \"080101001001030118010300\"}", "afl",
       "\"94\":", "record 2 of file 2 is not signed"},
      {"{compute: afl}", "{value: \"080101001001040218010300\"}", "afl",
       "\"94\":", "names record 4 of file 2"},
      {"{compute: afl}", "{value: \"0801010010\"}", "afl", "\"94\":", "is wrong"},
  });
}

TEST_CASE("signed data that does not agree is found") {
  check_broken({
      {"\"9F4A\": {value: \"82\"}", "\"9F4A\": {value: \"9F07\"}", "sda-tag-list", "\"9F4A\": {",
       "holds tag 82"},
      {"{sfi: 2, record: 1, signed: true,", "{sfi: 2, record: 1,", "afl", "{sfi: 2, record: 2",
       "signed records of a file"},
      {"[\"57\", \"5F20\"]", "[\"57\", \"5F20\", \"9F07\"]", "duplicate-tag", "sfi: 2, record: 1",
       "9F07"},
      {"[\"5A\", \"5F24\", \"5F28\", \"5F34\", \"9F07\", \"8E\"]",
       "[\"5A\", \"5F24\", \"5F28\", \"5F34\", \"9F07\"]}\n"
       "  - {sfi: 4, record: 1, content: [\"8E\"]",
       "signed-records", "\"8E\":", "changed unseen", kWarning},
      {"authentication: dda", "authentication: none", "signed-records", "sfi: 2, record: 1",
       "'authentication' is none", kWarning},
  });
}

TEST_CASE("AIP, keys and certificates that contradict each other are found") {
  check_broken({
      {"\"3C00\"", "\"5C00\"", "aip", "\"82\":", "disagree about SDA"},
      {"\"3C00\"", "\"1C00\"", "aip", "\"82\":", "disagree about DDA or CDA"},
      {"bits: 1152", "bits: 1536", "key-length", "bits: 1536", "longer than the issuer's"},
      {"\"3C00\"", "\"3800\"", "issuer-authentication", "\"82\":", "issuer's cryptogram", kWarning},
      {"visa-cvn18", "visa-cvn10", "cryptogram", "\"9F10\":", "cryptogram version 0A"},
      {"\"06011203000000\"", "\"06010A03000000\"", "cryptogram", "\"9F10\":", "version 12"},
  });
}

TEST_CASE("certificates that do not fit a record are found") {
  kpd::TemplateWorld world;
  world.issuer_bits = 1984;  // an ICC certificate of this length needs one byte too many
  CHECK_THAT(told(kpd::check_file(kGood, world, {})), Catch::Contains("record-length: "));
  world.issuer_bits = 1976;
  CHECK(told(kpd::check_file(kGood, world, {})).empty());
  const kpd_test::TempFolder folder;
  const std::string text = replaced(replaced(kpd_test::content_of(kGood), "\"3C00\"", "\"3D00\""),
                                    "bits: 1152", "bits: 1648");
  const auto checked = kpd::check_file(folder.write("applications/bad.yaml", text), world, {});
  CHECK_THAT(told(checked),
             Catch::Contains("key-length: ") && Catch::Contains("at most 1640 bits"));
}

TEST_CASE("lists that ask for what is not there are found") {
  const std::string entry = "\"8C\":   {dol: [\"9F02:6\"";
  check_broken({
      {entry, "\"8C\":   {dol: [\"9F51:2\", \"9F02:6\"", "dol",
       "\"8C\": ", "9F51 (Application Currency Code, issuer's own), which the card does not have"},
      {entry, "\"8C\":   {dol: [\"9F2C:2\", \"9F02:6\"", "dol", "\"8C\": ", "no terminal knows",
       kWarning},
      {entry, "\"8C\":   {dol: [\"9F02:5\"", "dol-length", "\"8C\": ", "asks for 5 bytes of 9F02",
       kWarning},
      {entry, "\"8C\":   {dol: [\"9F02:6\", \"9F02:6\"", "dol", "\"8C\": ", "twice", kWarning},
      {entry, "\"8C\":   {dol: [\"9F21:3\"", "dol", "\"8C\": ", "lacks 9F02"},
      {"\"8C\":   {dol:", "\"8C\":   {value: \"9F\"} #", "dol", "\"8C\": ", "not a list"},
      {"{dol: [\"8A:2\", ", "{dol: [", "dol", "\"8D\": ", "lacks 8A", kWarning},
      {"\"9F49\": {dol: [\"9F37:4\"]}", "\"9F49\": {dol: [\"9F02:6\"]}", "dol", "\"9F49\": {",
       "lacks 9F37"},
      {"{dol: [\"9F1A:2\", \"5F2A:2\"]}", "{dol: [\"5F24:3\"]}", "dol", "\"9F38\": {",
       "only the card has"},
      {entry, "\"8C\":   {dol: [\"98:20\", \"9F02:6\"", "dol", "\"8C\": ", "no TDOL", kWarning},
      {"\"9F05\": {text: \"{note}\"}", "\"97\":   {dol: [\"9F02:6\"]}", "dol",
       "\"97\": ", "no CDOL asks for 98", kWarning},
  });
}

TEST_CASE("CVM lists that contradict the rest are found") {
  const std::string list = "\"0000000000000000440341031E031F03\"";
  check_broken({
      {list, "\"00000000000000004403410\"", "", "\"8E\": ", "two digits a byte"},
      {list, "\"0000000000000000440341\"", "cvm-list", "\"8E\": ", "not 11 bytes"},
      {list, "\"0000000000000000500341031E031F03\"", "cvm-list", "\"8E\": ", "method 10"},
      {list, "\"0000000000000000440F41031E031F03\"", "cvm-list", "\"8E\": ", "condition 0F"},
      {list, "\"0000000000000000440641031E031F03\"", "cvm-list",
       "\"8E\": ", "X or Y, which are zero", kWarning},
      {list, "\"00000000000000001E031F03\"", "cvm-list",
       "\"8E\": ", "no rule of the CVM list (8E) uses", kWarning},
      {"  - {dgi: \"8010\", pin: true}\n", "", "cvm-list", "\"8E\": ", "there is none"},
      {"\"3C00\"", "\"2C00\"", "cvm-list", "\"82\": ", "pass over the CVM list", kWarning},
      {"\"9F07\", \"8E\"]", "\"9F07\"]", "cvm-list",
       "\"82\": ", "no record of its AFL holds a CVM list"},
  });
}

TEST_CASE("an enciphered PIN without a key for it is found") {
  kpd_test::TempFolder folder;
  const auto file = folder.write("applications/bad.yaml",
                                 "kind: application\n"
                                 "extends: applications/good\n"
                                 "authentication: none\n"
                                 "icc_key: ~\n");
  std::filesystem::copy(kGood, folder.path() / "applications/good.yaml");
  CHECK_THAT(told(kpd::check_file(file, {}, {})),
             Catch::Contains("cvm-list: ") && Catch::Contains("no key for it"));
}

TEST_CASE("PIN tries that do not fit the PIN are found") {
  check_broken({
      {"\"0303\"", "\"0003\"", "pin-tries", "\"9010\", value", "starts within 1"},
      {"\"0303\"", "\"0403\"", "pin-tries", "\"9010\", value", "starts within 1"},
      {"\"0303\"", "\"030303\"", "pin-tries", "\"9010\", value", "a byte each"},
      {"\"0303\"", "\"03\"", "pin-tries", "\"9010\", value", "a byte each"},
      {"  - {dgi: \"9010\", value: \"0303\"}\n", "", "pin-tries", "kind:", "how often", kWarning},
      {"  - {dgi: \"8010\", pin: true}\n", "", "pin-tries", "\"9010\", value", "there is no PIN",
       kWarning},
      {"  - {dgi: \"8010\", pin: true}\n", "", "no-dgi", "kind:", "no DGI holds the reference PIN"},
  });
}

TEST_CASE("usage that contradicts the service code is found") {
  check_broken({
      {"\"FF00\"", "\"FC00\"", "auc", "\"9F07\": ", "neither at ATMs"},
      {"\"FF00\"", "\"AB00\"", "service-code", "\"5F30\": ", "lets the card abroad", kWarning},
      {"\"0201\"", "\"0601\"", "service-code", "\"5F30\": ", "keeps the card at home", kWarning},
      {"\"0201\"", "\"0101\"", "service-code", "\"5F30\": ", "no chip", kWarning},
      {"\"5F28\", \"5F34\"", "\"5F34\"", "auc", "\"9F07\": ", "home from abroad", kWarning},
      {"[\"9F0D\", \"9F0E\", ", "[\"9F0D\", ", "action-codes", "kind:", "take zeros for it",
       kWarning},
  });
}

TEST_CASE("what reaches no chip is found") {
  check_broken({
      {"{dgi: \"8000\", keys: [AC, SMI, SMC]}", "{dgi: \"8000\", keys: [AC, SMI]}", "no-dgi",
       "SMC: IMK-SMC", "'SMC' does not"},
      {"  - records\n", "", "no-dgi", "sfi: 1, record: 1", "not every record"},
      {"  - {dgi: \"8205\", icc_key: p, pad: always}\n", "", "no-dgi",
       "kind:", "a DGI for each of"},
      {"kcvs: [AC, SMI, SMC]", "kcvs: [AC, SMC, SMI]", "kcv-order", "\"9000\", kcvs",
       "another order than the keys of DGI 8000", kWarning},
      {", \"9F05\"]", "]", "no-place", "\"9F05\": {", "stands in no record and no DGI", kWarning},
      {"[[\"8010\", ", "[[\"8011\", ", "unknown-dgi", "kind:", "DGI 8011"},
  });
}

TEST_CASE("mistakes of form are found with their place, all at once") {
  check_broken({
      {"{value: \"3C00\"}", "{value: 3C00}", "unquoted-hex", "{value: 3C00}", "must be quoted"},
      {"{text: \"{name}\"}", "{text: \"{name\"}", "expression", "{name\"", "without its '}'"},
      {"{text: \"{name}\"}", "{text: \"{upper(name, 1)}\"}", "expression", "{upper(name, 1)", ""},
      {"udk_option: A", "udk_optoin: A", "unknown-key", "udk_optoin", "unknown key"},
      {"visa-cvn18", "cvn99", "unknown-cryptogram", "cvn99", "no cryptogram version"},
      {"udk_option: A", "udk_option: A\nparameters: {x: {type: text, default: \"${y}\"}}", "",
       "parameters: {x", "names no other parameter"},
  });
  const kpd_test::TempFolder folder;
  std::string text = replaced(kpd_test::content_of(kGood), "udk_option", "udk_optoin");
  text = replaced(replaced(text, "\"0303\"", "\"0003\""), "{note}", "{note");
  const auto checked = check(folder, text);
  CHECK(checked.mistakes.size() == 3);
  CHECK(std::is_sorted(
      checked.mistakes.begin(), checked.mistakes.end(),
      [](const kpd::Mistake& a, const kpd::Mistake& b) { return a.place < b.place; }));
}

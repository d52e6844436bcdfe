// Mistakes of people in jobs, templates and certificate files: each is named with its place.
#include <algorithm>
#include <catch2/catch.hpp>

#include "test/unit/support/starter_area.h"

using kpd_test::Edit;
using kpd_test::StarterArea;

namespace {

/// A change of a file, where the message must point (the first place of `at`), what it must say.
struct Mistake {
  std::string from, to, at, message;
};

/// Whether a line of the error starts with this place and holds this text.
bool says(const kpd::ConfigError& error, const std::string& place, const std::string& text) {
  return std::any_of(error.mistakes().begin(), error.mistakes().end(), [&](const auto& mistake) {
    const std::string line = mistake.line();
    return line.starts_with(place) && line.find(text) != std::string::npos;
  });
}

void check_mistakes(const StarterArea& area, const std::string& name,
                    const std::vector<Mistake>& mistakes, const std::string& said_of = "") {
  const std::filesystem::path file = area.folder() / name;
  for (const Mistake& mistake : mistakes) {
    CAPTURE(name, mistake.to);
    const Edit edit(file, mistake.from, mistake.to);
    const std::string place = said_of.empty() ? file.string() + ":" + edit.place_of(mistake.at)
                                              : (area.folder() / said_of).string() + ":";
    try {
      area.compile();
      FAIL_CHECK("the plan compiled");
    } catch (const kpd::ConfigError& error) {
      CAPTURE(error.what(), place);
      CHECK(says(error, place + (said_of.empty() ? ": " : ""), mistake.message));
    }
  }
}

}  // namespace

TEST_CASE("mistakes in a job are named with their place") {
  const StarterArea area;
  check_mistakes(
      area, "job.yaml",
      {
          {"test: true", "tset: true", "tset", "unknown key 'tset'"},
          {"name: starter\n", "", "kind: job", "key 'name' is missing"},
          {"2026-11-22", "2026-13-22", "\"2026-13-22", "2026-11-22"},
          {"type: pan}", "type: pam}", "pam}", "no field type is called 'pam'"},
          {"type: pan}", "type: pan, length: 20}", "20}", "20 is not within 12 to 19"},
          {"record_id:    {type: an, length: 8}", "record_id: {type: pan}", "{type: pan}",
           "it is no PAN"},
          {"{type: pan}", "{type: pan, required: false}", "{type: pan, required: false}",
           "'pan' cannot be optional"},
          {"{type: product}", "{type: product, required: false}",
           "{type: product, required: false}", "'product' cannot be optional"},
          {"psn:          {type: n, length: 2}", "psn: {type: an, length: 2}",
           "{type: an, length: 2}", "'psn' has not the type"},
          {"psn:          {type: n, length: 2}", "psn: {type: n, length: 3}",
           "{type: n, length: 3}", "'psn' has two digits"},
          {"    psn:          {type: n, length: 2}\n", "", "source: {", "field 'psn' is needed"},
          {"delimiter: \";\"", "delimiter: \";;\"", "\";;", "one character of ASCII"},
          {"delimiter: \";\"", "delimiter: \"\\r\"", "\"\\r", "one character of ASCII"},
          {"on: client_id", "on: member_no", "member_no", "no field before this source"},
          {"missing: reject", "missing: ignore", "ignore", "none of: reject, empty, default"},
          {"tier:      {", "pan:       {", "pan:       {", "a field of this name exists"},
          {"kcv: \"A43D42\"", "kcv: \"A43D43\"", "\"A43D43\"", "check value A43D42"},
          {"[ca/visa.yaml, ", "[", "issuers/visa-classic.yaml",
           "no key F1 of RID A000000003 stands under 'ca_keys'"},
          {"transport_keys: fresh", "transport_keys: new", "new\n", "none of: fresh, static"},
          {"host_window: {card_keys: allow", "host_window: {card_keys: maybe", "maybe",
           "none of: refuse, allow"},
      });
}

TEST_CASE("mistakes in templates are named with their place") {
  const StarterArea area;
  check_mistakes(
      area, "templates/applications/vsdc-sda.yaml",
      {
          {"cryptogram: visa-cvn10", "cryptogram: cvn99", "cvn99", "no cryptogram version"},
          {"udk_option: A", "udk_option: C", "C\ncryptogram", "none of: A, B"},
          {"AC: IMK-AC", "AC: IMK-AD", "IMK-AD", "names no key 'IMK-AD'"},
          {"{value: \"5C00\"}", "{value: \"5C0000\"}", "{value: \"5C0000\"}", "82 ("},
          {"{value: \"5C00\"}", "{value: 5C00}", "5C00", "must be quoted"},
          {"\"82\":   {value", "82: {value", "82: {value", "a tag must be quoted"},
          {"\"9F36\": {value", "\"9f13\": {value", "\"9F13\": {value", "stands here twice"},
          {"{text: \"{name}\"}", "{text: \"{nmae}\"}", "\"{nmae}\"", "called 'nmae'"},
          {"as: n, width: 3}", "as: n}", "{text: \"{effective}\"", "needs its 'width'"},
          {"\"9F02:6\"", "\"9F02\"", "\"9F02\"", "an entry of a DOL"},
          {"\"9F02:6\"", "\"9F02:256\"", "\"9F02:256\"", "an entry of a DOL"},
          {"compute: label}", "compute: lable}", "lable", "nothing computed is called 'lable'"},
          {"compute: label}", "compute: icc-exponent}", "icc-exponent", "needs an 'icc_key'"},
          {"\"5F20\", \"9F1F\"", "\"5F20\", \"9F1E\"", "\"9F1E\"", "9F1E is placed here"},
          {"\"9F32\", \"92\"]}", "\"9F32\", \"9F48\"]}", "\"9F48\"", "9F48 is placed here"},
          {"{sfi: 3, record: 2, content", "{sfi: 4, record: 2, signed: true, content",
           "{sfi: 4, record: 2", "cannot stand in a record that is signed"},
          {"{sfi: 2, record: 2, content", "{sfi: 2, record: 1, content",
           "{sfi: 2, record: 1, content", "this record exists"},
          {"{sfi: 1, record: 1, content: [\"57\", \"5F20\", \"9F1F\"]}",
           "{sfi: 1, record: 1, content: [\"57\"]}\n"
           "  - {sfi: 1, record: 2, signed: true, content: [\"5F20\"]}",
           "{sfi: 1, record: 2, signed", "must come before its unsigned ones"},
          {"sfi: 1,", "sfi: 31,", "31,", "31 is not within 1 to 30"},
          {"{dgi: \"3000\"", "{dgi: \"9104\"", "{dgi: \"9104\", content: [\"9F36\"",
           "DGI 9104 exists"},
          {"{dgi: \"3000\"", "{dgi: \"0201\"", "\"0201\", content", "a record that terminals read"},
          {"  - records\n", "  - records\n  - records\n", "records\n  - {dgi: \"3000\"",
           "DGI 0101 exists"},
          {"keys: [AC, SMI, SMC]", "keys: [AC, SMX]", "SMX", "'keys' has no 'SMX'"},
          {"{dgi: \"9010\", value: \"0303\"}", "{dgi: \"9010\", icc_key: q}", "q}",
           "no such key pair"},
          {"pin: {format: 2}\n", "", "true}", "a reference PIN needs 'pin'"},
          {"security_level: 1", "security_level: 2", "2\n  order", "none of: 0, 1, 3"},
          {"[\"50\", \"87\"", "[{\"50\": [\"87\"]}", "\"50\": [\"87\"]",
           "only a template can hold others"},
      });
  check_mistakes(
      area, "templates/applications/vsdc-dda.yaml",
      {
          {"  - {dgi: \"8205\", icc_key: p, pad: always}\n", "", "kind:", "a DGI for each of"},
          {"[\"9F47\", \"9F48\"]", "[\"9F47\"]", "kind:", "no record holds 9F48"},
          {"[\"9F46\"]", "[\"9F49\"]", "kind:", "no record holds 9F46"},
          {"bits: 1152", "bits: 1160", "1160", "an even number of bytes"},
          {"bits: 1152", "bits: 1536", "1536", "cannot be longer than the issuer's (1408 bits)"},
          {"exponent: 3}", "exponent: 5}", "5}", "the exponent is 3 or 65537"},
          {"icc_key: {bits: 1152, exponent: 3}\n", "", "dda\n", "'icc_key' is missing"},
          // A remainder that the key lengths need may not be forgotten.
          {"  \"9F48\": {compute: icc-remainder}\n", "", "\"9F48\"]}", "9F48 is placed here"},
      });
  check_mistakes(area, "templates/cards/classic-sda.yaml",
                 {
                     {"issuer: visa-classic", "issuer: visa-clasic", "visa-clasic",
                      "names no issuer 'visa-clasic'"},
                     {"\"$EM1\"", "\"$EM\"", "\"$EM\"", "has 4 printable characters"},
                     {"{pan|groups}", "{pan|group}", "\"{pan|group}\"", "no filter"},
                     {"cvv2: {", "pan: {", "pan: {", "a field of this name exists"},
                     {"cvv: CVK,", "cvv: CVX,", "CVX", "names no key 'CVX'"},
                     {"cvv2: {", "pvv: {pvv: CVK, pvki: 7, pan: \"{pan}\"}\n  cvv2: {", "7, pan",
                      "7 is not within 1 to 6"},
                     {"  - {template: applications/pse}\n",
                      "  - {template: applications/pse}\n"
                      "  - {template: applications/pse, name: two}\n",
                      "{template: applications/pse, name: two}",
                      "is that of the card's application 'pse' already"},
                 });
}

TEST_CASE("parts of a template that contradict each other are found") {
  const StarterArea area;
  check_mistakes(
      area, "templates/applications/vsdc-sda.yaml",
      {
          {"\"5C00\"", "\"3C00\"", "{value: \"3C00\"", "disagree about SDA"},
          {"\"5C00\"", "\"7C00\"", "{value: \"7C00\"", "disagree about DDA or CDA"},
          {"\"06010A03000000\"", "\"06011203000000\"", "{value: \"06011203000000\"",
           "cryptogram version 0A at byte 3"},
          {"cryptogram: visa-cvn10\n", "", "kind:", "names its 'cryptogram' version"},
          {"\"9C:1\", \"9F37:4\"]}\n  \"8D\"", "\"9C:1\"]}\n  \"8D\"", "{dol: [\"9F02:6\"",
           "lacks 9F37"},
          {"content: [\"93\"]", "content: [\"9F08\"]", "kind:", "no record holds 93"},
          {"  - {dgi: \"8010\", pin: true}\n", "", "kind:", "no DGI holds the reference PIN"},
          {"{dgi: \"8000\", keys: [AC, SMI, SMC]}", "{dgi: \"8000\", keys: [AC, SMI]}", "IMK-SMC",
           "not every key"},
          {"[\"8010\", \"9010\"]", "[\"8010\", \"9011\"]", "kind:", "names DGI 9011"},
          {"  - records\n", "", "{sfi: 1", "not every record"},
      });
  check_mistakes(area, "templates/applications/mchip-cda.yaml",
                 {{"\"9F32\", \"92\"]", "\"9F32\"]", "kind:", "no record holds 92"}});
}

TEST_CASE("mistakes in a card's use of a template are named in the template") {
  const StarterArea area;
  check_mistakes(area, "templates/cards/classic-sda.yaml",
                 {{"issuer: visa-classic, ", "", "", "data authentication needs an 'issuer'"}},
                 "templates/applications/vsdc-sda.yaml");
}

TEST_CASE("an application's issuer must be certified under the application's own RID") {
  const StarterArea area;
  check_mistakes(area, "templates/cards/classic-sda.yaml",
                 {{"issuer: visa-classic", "issuer: local-id", "local-id",
                   "RID F000000099, the application is of RID A000000003"}});
}

TEST_CASE("certificates that do not fit are named with their place") {
  const StarterArea area;
  check_mistakes(area, "ca/visa.yaml", {{"index: \"F1\"", "index: \"F4\"", "\"", ""}},
                 "ca/visa.yaml");
  check_mistakes(
      area, "issuers/visa-classic.yaml",
      {{"issuer_id: \"476173FF\"", "issuer_id: \"476174FF\"", "", "another issuer identifier"},
       {"ISS-visa-classic", "ISS-visa-gold", "", "for another key"},
       {"certificate: \"", "certificate: \"00", "", "the certificate is not good"}},
      "issuers/visa-classic.yaml");
  // The certificates of the test area expire in 12/49.
  check_mistakes(area, "job.yaml", {{"2026-11-22", "2050-01-01", "", "expired in 12/49"}},
                 "issuers/visa-classic.yaml");
}

TEST_CASE("what is not there is named") {
  const StarterArea area;
  {
    const Edit edit(area.folder() / "job.yaml", "object=KEK1\"", "object=KEK9\"");
    try {
      area.compile();
      FAIL_CHECK("the plan compiled");
    } catch (const kpd::ConfigError& error) {
      CHECK(error.code() == kpd::ExitCode::hold);
      CHECK_THAT(error.what(), Catch::Contains("has no private or secret key"));
    }
  }
  {
    const Edit edit(area.folder() / "job.yaml", "cards/classic-sda", "cards/none");
    CHECK_THROWS_WITH(area.compile(), Catch::Contains("cards/none.yaml: cannot be read"));
  }
  CHECK_NOTHROW(area.compile());
}

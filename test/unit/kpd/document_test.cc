// Templates that extend each other and take parameters.
#include "kpd/config/document.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

using kpd::ConfigError;
using kpd::ConfigPtr;

namespace {

using Files = std::map<std::string, std::string>;

/// The canonical form of document `name` of these files, resolved.
std::string resolved(const Files& files, const std::string& name) {
  const auto load = [&](const std::string& file) {
    const auto found = files.find(file);
    if (found == files.end()) throw ConfigError(file + ".yaml: cannot be read");
    return kpd::parse_config(found->second, file + ".yaml");
  };
  return canonical_form(*kpd::put_parameters_in(kpd::resolve_extends(load(name), load), load));
}

std::string mistake(const Files& files, const std::string& name) {
  try {
    return resolved(files, name);
  } catch (const ConfigError& error) {
    return error.what();
  }
}

const Files kFamily{
    {"base", R"(kind: application
title: base
pin: {format: 2}
elements:
  "82": {value: "3900"}
  "8E": {value: "00"}
records:
  - {sfi: 1, record: 1, content: ["57"]}
  - {sfi: 2, record: 1, content: ["5A"]}
dgis:
  - {dgi: "9102", value: "00"}
  - records
  - {dgi: "9200", value: "01"}
)"},
};

std::string child(const std::string& text) {
  Files files = kFamily;
  files["child"] = "kind: application\nextends: base\n" + text;
  return mistake(files, "child");
}

}  // namespace

TEST_CASE("a section merges key by key and an entry is replaced whole") {
  const std::string text =
      child("title: child\nelements:\n  \"82\": {text: \"{aip}\"}\n  \"9F10\": {value: \"06\"}\n");
  CHECK_THAT(text,
             Catch::StartsWith(R"({"kind":"application","title":"child","pin":{"format":"2"},)"
                               R"("elements":{"82":{"text":"{aip}"},"8E":{"value":"00"},)"
                               R"("9F10":{"value":"06"}},)"));
  CHECK_THAT(text, !Catch::Contains("extends"));
}

TEST_CASE("a tilde takes away what was inherited, and only that") {
  CHECK_THAT(child("pin: ~\nelements: {\"8E\": ~}\n"),
             Catch::StartsWith(R"({"kind":"application","title":"base","elements":{"82":)"));
  CHECK_THAT(child("elements: {\"9F10\": ~}\n"),
             Catch::StartsWith("child.yaml:3:12: nothing inherited is called '9F10'"));
}

TEST_CASE("a list replaces the list; change, add and remove edit it") {
  CHECK_THAT(child("dgis: [records]\n"), Catch::Contains(R"("dgis":["records"])"));
  CHECK_THAT(
      child(
          "dgis:\n  change: [{dgi: \"9200\", value: \"02\"}]\n  remove: [{dgi: \"9102\"}]\n"
          "  add: [{after: records, dgi: \"3000\", value: \"\"}, {dgi: \"A006\", value: \"\"}]\n"),
      Catch::Contains(R"("dgis":["records",{"dgi":"3000","value":""},{"dgi":"9200","value":"02"},)"
                      R"({"dgi":"A006","value":""}])"));
  CHECK_THAT(child("records: {change: [{sfi: 2, record: 1, content: [\"5A\", \"5F24\"]}]}\n"),
             Catch::Contains(R"({"sfi":"2","record":"1","content":["5A","5F24"]}])"));
  CHECK_THAT(child("records: {remove: [{sfi: 3, record: 1}]}\n"),
             Catch::StartsWith("child.yaml:3:20: the inherited list has no entry 3/1"));
  CHECK_THAT(child("dgis: {add: [{dgi: \"9200\", value: \"\"}]}\n"),
             Catch::StartsWith("child.yaml:3:14: the inherited list has an entry 9200 already"));
  CHECK_THAT(child("dgis: {delete: [records]}\n"), Catch::Contains("none of: change, add, remove"));
}

TEST_CASE("inheritance that bites its own tail is told with the whole chain") {
  const Files files{{"a", "kind: application\nextends: b\n"},
                    {"b", "kind: application\nextends: c\n"},
                    {"c", "kind: application\nextends: b\n"}};
  CHECK(mistake(files, "a") == "c.yaml:2:10: this template extends itself: b -> c -> b");
  CHECK(mistake({{"a", "kind: application\nextends: gone\n"}}, "a") ==
        "a.yaml:2:10: gone.yaml: cannot be read");
  CHECK_THAT(mistake({{"a", "kind: card\nextends: b\n"}, {"b", "kind: application\n"}}, "a"),
             Catch::StartsWith("a.yaml:2:10: 'b' is a 'application', but a 'card' is needed here"));
}

TEST_CASE("parameters stand for their values, in a text or as the whole of it") {
  const Files files{{"base", R"(kind: application
parameters:
  limit: {type: n, max: 12, default: "5000"}
  aid: {type: hex, min: 5, max: 16}
  dol: {type: list, default: ["9F02:6"]}
aid: "${aid}"
text: "up to ${limit} and $${limit}"
cdol: "${dol}"
)"},
                    {"child", "kind: application\nextends: base\nwith: {aid: \"F000000001\"}\n"}};
  CHECK(
      resolved(files, "child") ==
      R"({"kind":"application","aid":"F000000001","text":"up to 5000 and ${limit}","cdol":["9F02:6"]})");
}

TEST_CASE("every mistake about parameters comes at once and says where") {
  const Files files{{"base", R"(kind: application
parameters:
  limit: {type: n, max: 3, default: "5000"}
  level: {type: choice, of: [low, high], default: low}
  aid: {type: hex}
text: "${limt}"
)"},
                    {"child", "kind: application\nextends: base\nwith: {level: hihg, lable: X}\n"}};
  CHECK(mistake(files, "child") ==
        "base.yaml:3:37: parameters.limit.default: 4 characters, 0 to 3 are allowed\n"
        "base.yaml:5:3: parameters: parameter 'aid' has no default and is not given (say it under "
        "'with: {aid: ...}')\n"
        "base.yaml:6:7: no parameter is called 'limt'\n"
        "child.yaml:3:15: with.level: 'hihg' is none of: low, high (did you mean 'high'?)\n"
        "child.yaml:3:28: with.lable: no parameter is called 'lable'");
}

TEST_CASE("parameters cannot blow a small document up") {
  std::string uses;
  for (int n = 0; n < 5000; ++n) uses += "\"${a}\",";
  const std::string long_text = std::string(60'000, 'x');
  const auto document = [&](const std::string& type, const std::string& value) {
    return "kind: application\nparameters: {a: {type: " + type + ", default: " + value +
           "}}\nlist: [" + uses + "]\n";
  };
  const std::string told = mistake({{"base", document("text", long_text)}}, "base");
  CHECK_THAT(told, Catch::Contains("the parameters make this document too large"));
  CHECK_THAT(told, Catch::Contains("there are more mistakes"));
  CHECK(std::count(told.begin(), told.end(), '\n') == 1000);
  CHECK_THAT(mistake({{"base", document("list", "[[" + long_text + "]]")}}, "base"),
             Catch::Contains("the parameters make this document too large"));
  CHECK_THAT(mistake({{"base", document("text", "x")}}, "base"), Catch::StartsWith("{\"kind\""));
}

TEST_CASE("a mistake in a parameter's value is told with where it was given") {
  const ConfigPtr document = kpd::put_parameters_in(
      kpd::parse_config("kind: card\nparameters: {n: {type: text}}\nwith: {n: x}\nsfi: \"${n}\"\n",
                        "card.yaml"),
      [](const std::string&) { return nullptr; });
  CHECK(document->find("sfi")->text == "x");
  CHECK(document->find("sfi")->origin == "parameter 'n' given at card.yaml:3:11");
}

TEST_CASE("groups of constants are parameters that many templates share") {
  Files files{
      {"bank", "kind: constants\ntitle: a bank\nvalues: {country: \"826\", dol: [\"95:5\"]}\n"},
      {"card",
       "kind: card\nconstants: {bank: bank}\na: \"${bank.country}\"\nb: \"${bank.dol}\"\n"}};
  CHECK(resolved(files, "card") == R"({"kind":"card","a":"826","b":["95:5"]})");
  files["wrong"] = "kind: card\nconstants: {bank: bank}\na: \"${bank.currency}\"\n";
  CHECK(mistake(files, "wrong") == "wrong.yaml:3:4: no parameter is called 'bank.currency'");
  files["other"] = "kind: card\nconstants: {bank: wrong}\n";
  CHECK_THAT(mistake(files, "other"), Catch::Contains("'card', but a 'constants' is needed here"));
}

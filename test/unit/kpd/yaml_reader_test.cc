#include "kpd/config/yaml_reader.h"

#include <catch2/catch.hpp>

#include "test/unit/support/temp_folder.h"

using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;
using kpd::ConfigError;
using kpd::parse_yaml;
using kpd::YamlMap;

namespace {

/// The message of the ConfigError that reading, taking the keys a, b and c, and finish() give.
std::string mistake(const std::string& text) {
  try {
    YamlMap map = parse_yaml(text, "job.yaml", "job");
    for (const char* key : {"a", "b", "c"}) map.maybe(key);
    map.finish();
  } catch (const ConfigError& error) {
    CHECK(error.code() == kpd::ExitCode::usage);
    return error.what();
  }
  return "";
}

kpd::YamlNode value_of(const std::string& text) {
  return parse_yaml("kind: job\nouter:\n  a: " + text + "\n", "job.yaml", "job")
      .need("outer")
      .map()
      .need("a");
}

}  // namespace

TEST_CASE("a good file is read without a word") {
  CHECK(mistake("kind: job\na: 1\nb: [1, 2]\nc: {d: e}\n").empty());
  CHECK(mistake("# a comment\n---\nkind: job\n...\n").empty());
}

TEST_CASE("a mistake in a file comes with its place") {
  CHECK(mistake("kind: job\na: 1\nprduct: 2\n") == "job.yaml:3:1: unknown key 'prduct'");
  CHECK(mistake("kind: job\na: 1\na: 2\n") == "job.yaml:3:1: key 'a' stands here twice");
  CHECK(mistake("kind: card\n") ==
        "job.yaml:1:7: kind: this file is a 'card', but a 'job' is needed here");
  CHECK_THAT(mistake("a: 1\n"), EndsWith("key 'kind' is missing") && StartsWith("job.yaml:1:1"));
  CHECK_THAT(mistake("kind: job\n  a: 1\n"), StartsWith("job.yaml:2:"));
  CHECK_THAT(mistake("kind: \"job\n"), StartsWith("job.yaml:"));
  CHECK_THAT(mistake("kind: job\na: *none\n"), StartsWith("job.yaml:2:"));
}

TEST_CASE("a file that is no map is refused") {
  for (const char* text : {"", "# nothing\n", "text\n", "[a, b]\n", "- kind: job\n", "~\n"}) {
    CAPTURE(text);
    CHECK_THAT(mistake(text), Contains("a map of keys and values is expected here"));
  }
}

TEST_CASE("a second document in a file is a mistake, since nobody would read it") {
  CHECK_THAT(mistake("kind: job\na: 1\n---\nb: 2\n"), Contains("behind the first document"));
  // A text that the parser never gets to the end of.
  CHECK_FALSE(mistake("&!a: job\n? [a, b]\n: 1\n? {c: d}\n: 2\n---\nkind: card\n").empty());
}

TEST_CASE("a key that is no text is a mistake") {
  CHECK_THAT(mistake("kind: job\n? [a, b]\n: 1\n"), StartsWith("job.yaml:2:3: a text is expected"));
  CHECK_THAT(mistake("kind: job\n? {a: b}\n: 1\n"), StartsWith("job.yaml:2:3: a text is expected"));
}

TEST_CASE("a file that is not UTF-8 is refused") {
  CHECK_THAT(mistake("kind: job\na: M\xFCller\n"), StartsWith("job.yaml:2:1: this is not UTF-8"));
  CHECK(mistake("kind: job\na: M\xC3\xBCller\n").empty());
  CHECK_THAT(mistake(std::string("\0k\0i\0n\0d", 8)), Contains("UTF-8"));
  CHECK_THAT(mistake("\xFF\xFEk"), Contains("UTF-8"));
  CHECK_FALSE(mistake("kind: job\na: \"\\uD800\"\n").empty());
}

TEST_CASE("a file of hostile size or nesting is refused at once") {
  const auto repeated = [](std::size_t count, const std::string& part) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += part;
    return text;
  };
  CHECK_THAT(mistake("kind: job\na: " + repeated(40, "[") + repeated(40, "]") + "\n"),
             Contains("nested too deeply"));
  CHECK(mistake("kind: job\na: " + repeated(30, "[") + repeated(30, "]") + "\n").empty());
  CHECK_FALSE(mistake("kind: job\na: " + repeated(100'000, "[") + "\n").empty());
  CHECK_FALSE(mistake("kind: job\na: " + repeated(100'000, "{a: ") + "\n").empty());
  CHECK_FALSE(mistake("kind: job\n" + repeated(100'000, "? ") + "\n").empty());
  CHECK_FALSE(mistake("kind: job\n" + repeated(100'000, "- ") + "\n").empty());
  CHECK_THAT(mistake("kind: job\na: [" + repeated(200'001, "1,") + "]\n"),
             Contains("more than 200000 values"));
  CHECK_THAT(mistake("kind: job\na: \"" + std::string((4 << 20) + 1, 'x') + "\"\n"),
             Contains("larger than"));
}

TEST_CASE("aliases cannot blow a small file up") {
  std::string bomb = "kind: job\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int n = 0; n < 10; ++n) bomb += before + (n < 9 ? ", " : "]\n");
  }
  CHECK_THAT(mistake(bomb), Contains("more than 200000 values"));
  std::string copies;
  for (int n = 0; n < 1000; ++n) copies += "*a,";
  CHECK_THAT(mistake("kind: job\na: &a " + std::string(100'000, 'x') + "\nb: [" + copies + "]\n"),
             Contains("bytes of texts"));
  CHECK_THAT(mistake("kind: job\na: &a [*a]\n"), Contains("nested too deeply"));
  CHECK(mistake("kind: job\na: &a {x: y}\nb: *a\n").empty());
}

TEST_CASE("numbers are whole and within their limits") {
  CHECK(value_of("0").number(0, 9) == 0);
  CHECK(value_of("9").number(0, 9) == 9);
  CHECK(value_of("\"9\"").number(0, 9) == 9);
  for (const char* text :
       {"10", "-1", "1.0", "0x1", "1e1", "''", "[1]", "x", "99999999999999999999999999"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(value_of(text).number(0, 9), ConfigError);
  }
  CHECK_THROWS_WITH(value_of("10").number(0, 9), "job.yaml:3:6: outer.a: 10 is not within 0 to 9");
}

TEST_CASE("flags are true or false") {
  for (const char* text : {"true", "yes"}) CHECK(value_of(text).flag());
  for (const char* text : {"false", "no"}) CHECK_FALSE(value_of(text).flag());
  for (const char* text : {"True", "on", "1", "", "[true]"})
    CHECK_THROWS_AS(value_of(text).flag(), ConfigError);
}

TEST_CASE("hexadecimal data must be quoted") {
  CHECK(value_of("\"5E24\"").hex() == emvcrypto::Bytes{0x5E, 0x24});
  CHECK(value_of("'5e24'").hex(2) == emvcrypto::Bytes{0x5E, 0x24});
  CHECK(value_of("\"\"").hex().empty());
  for (const char* text : {"5E24", "0101", "DAC1"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(value_of(text).hex(),
                      Contains("must be quoted: \"" + std::string(text) + "\"") &&
                          StartsWith("job.yaml:3:6: outer.a: "));
  }
  CHECK_THROWS_WITH(value_of("\"5E2\"").hex(), Contains("'5E2' is not hexadecimal"));
  CHECK_THROWS_WITH(value_of("\"5E 24\"").hex(), Contains("is not hexadecimal"));
  CHECK_THROWS_WITH(value_of("\"5E24\"").hex(3), Contains("3 bytes are expected here, not 2"));
}

TEST_CASE("tags must be quoted and well-formed") {
  CHECK(value_of("\"9F26\"").tag() == 0x9F26U);
  CHECK(value_of("\"5A\"").tag() == 0x5AU);
  CHECK_THROWS_WITH(value_of("82").tag(), Contains("a tag must be quoted"));
  for (const char* text : {"\"9F\"", "\"5A5A\"", "\"\"", "\"XY\""}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(value_of(text).tag(), Contains("is not a tag"));
  }
}

TEST_CASE("a choice lists what may stand there") {
  CHECK(value_of("dda").choice({"none", "sda", "dda"}) == 2);
  CHECK_THROWS_WITH(value_of("DDA").choice({"none", "sda", "dda"}),
                    "job.yaml:3:6: outer.a: 'DDA' is none of: none, sda, dda");
}

TEST_CASE("a node of another shape than needed is named by its place and path") {
  CHECK_THROWS_WITH(value_of("[x]").text(), "job.yaml:3:6: outer.a: a text is expected here");
  CHECK_THROWS_WITH(value_of("x").list(), "job.yaml:3:6: outer.a: a list is expected here");
  CHECK_THROWS_WITH(value_of("x").map(),
                    "job.yaml:3:6: outer.a: a map of keys and values is expected here");
  CHECK_THROWS_WITH(value_of("[x, [y]]").list().at(1).text(),
                    "job.yaml:3:10: outer.a[2]: a text is expected here");
  CHECK_THROWS_WITH(value_of("~").text(), Contains("outer.a: a text is expected here"));
}

TEST_CASE("keys that are not there have the fallback") {
  YamlMap map = parse_yaml("kind: job\na: x\nn: 5\nf: yes\n", "job.yaml", "job");
  CHECK(map.text("a", "z") == "x");
  CHECK(map.text("missing", "z") == "z");
  CHECK(map.number("n", 1, 0, 9) == 5);
  CHECK(map.number("missing", 1, 0, 9) == 1);
  CHECK(map.flag("f", false));
  CHECK(map.flag("missing", true));
  CHECK(map.has("n"));
  CHECK_FALSE(map.has("missing"));
  CHECK_FALSE(map.maybe("missing").has_value());
  CHECK_THROWS_WITH(map.need("missing"), Contains("key 'missing' is missing"));
  CHECK_NOTHROW(map.finish());
}

TEST_CASE("maps with free keys give their pairs in the file's order") {
  YamlMap map = parse_yaml("kind: job\nz: 1\na: 2\nm: 3\n", "job.yaml", "job");
  std::string keys;
  for (const auto& [name, value] : map.all()) keys += name.text() + value.text();
  CHECK(keys == "kindjobz1a2m3");
  CHECK_NOTHROW(map.finish());
}

TEST_CASE("files are read as texts are, and named when they cannot be") {
  const kpd_test::TempFolder folder;
  const auto file = folder.write("a.yaml", "kind: job\nx: 1\n");
  YamlMap map = kpd::read_yaml(file, "job");
  CHECK(map.text("x", "") == "1");
  CHECK_THROWS_WITH(kpd::read_yaml(folder.path() / "b.yaml", "job"),
                    Contains("b.yaml: cannot be read"));
  CHECK_THROWS_AS(kpd::read_yaml(folder.path(), "job"), ConfigError);
  CHECK_THROWS_AS(kpd::read_yaml("/dev/zero", "job"), ConfigError);
  CHECK_THROWS_WITH(kpd::read_yaml(file, "card"), StartsWith(file.string() + ":1:7: "));
  CHECK(kpd::canonical_form(*kpd::load_config(file)) ==
        kpd::canonical_form(*kpd::parse_config("{kind: job, x: 1}", "job.yaml")));
}

TEST_CASE("an escape that the parser gets wrong has no canonical form") {
  CHECK_THROWS_AS(kpd::canonical_form(*kpd::parse_config("a: \"\\N\"\n", "job.yaml")), ConfigError);
}

TEST_CASE("the canonical form knows content and order, not comments and layout") {
  const auto canonical = [](const std::string& text) {
    return kpd::canonical_form(*kpd::parse_config(text, "job.yaml"));
  };
  const std::string base = canonical("a: 1\nb: [x, {c: ~}]\n");
  CHECK(canonical("# said\na:   '1' # and more\n\nb:\n  - x\n  - c:\n") == base);
  CHECK(canonical("{\"a\": 1, b: [x, {c: null}]}") == base);
  CHECK(canonical("a: 2\nb: [x, {c: ~}]\n") != base);
  CHECK(canonical("a: 1\nb: [{c: ~}, x]\n") != base);
  CHECK(canonical("a: 1\nb: [x, {c: \"\"}]\n") != base);
  // Fields and data elements are used in the order of the file.
  CHECK(canonical("b: [x, {c: ~}]\na: 1\n") != base);
}

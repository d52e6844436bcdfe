#include "kpd/plan/text_template.h"

#include <catch2/catch.hpp>
#include <map>

namespace {

using kpd::FieldId;

const std::map<std::string, FieldId> kFields{{"pan", 0}, {"expiry", 1}, {"name", 2}, {"empty", 3}};
const std::vector<std::string> kValues{"4761739001010119", "3112", "Müller/zoe", ""};

kpd::TextTemplateResult compile(const std::string& source) {
  const auto find = [](const std::string& name) -> std::optional<FieldId> {
    const auto found = kFields.find(name);
    if (found == kFields.end()) return std::nullopt;
    return found->second;
  };
  return kpd::compile_text(source, {find, nullptr});
}

emvcrypto::Expected<std::string> expanded(const std::string& source) {
  const auto compiled = compile(source);
  CHECK(compiled.mistake == "");
  return kpd::expand(compiled.text, [](FieldId id) { return std::string_view(kValues.at(id)); });
}

}  // namespace

TEST_CASE("a text's places take the fields of the record") {
  const auto [source, text] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"plain", "plain"},
      {"{pan}", "4761739001010119"},
      {"{ pan }", "4761739001010119"},
      {"{pan}D{expiry}201", "4761739001010119D3112201"},
      {"{expiry}{expiry}", "31123112"},
      {"<{empty}>", "<>"},
  }));
  CAPTURE(source);
  CHECK(expanded(source) == text);
}

TEST_CASE("doubled braces are braces") {
  const auto [source, text] = GENERATE(table<std::string, std::string>({
      {"{{", "{"},
      {"}}", "}"},
      {"a{{b}}c", "a{b}c"},
      {"{{{expiry}}}", "{3112}"},
      {"{'{'}{'}'}", "{}"},
      {"{'it''s }'}", "it's }"},
  }));
  CAPTURE(source);
  CHECK(expanded(source) == text);
}

TEST_CASE("filters of a text change what is put in") {
  const auto [source, text] = GENERATE(table<std::string, std::string>({
      {"{pan|groups}", "4761 7390 0101 0119"},
      {"{expiry|groups}", "3112"},
      {"{empty|groups}", ""},
      {"{expiry|mm/yy}", "12/31"},
      {"{empty|mm/yy}", ""},
      {"{name|upper}", "MüLLER/ZOE"},
      {"{pan|last4}", "0119"},
      {"{expiry|last4}", "3112"},
      {"{empty|last4}", ""},
      {"{pan|last4|groups}", "0119"},
      {"{pan|sub(1, 6)}", "476173"},
  }));
  CAPTURE(source);
  CHECK(expanded(source) == text);
}

TEST_CASE("a mistake in a text is named with its column") {
  const auto [source, column, mistake] = GENERATE(table<std::string, std::size_t, std::string>({
      {"ab{pan", 3, "a '{' without its '}'"},
      {"{", 1, "a '{' without its '}'"},
      {"a}b", 2, "a '}' without its '{'"},
      {"{'}", 1, "a '{' without its '}'"},
      {"{}", 2, "the expression ends too early"},
      {"é{Pan}", 3, "no field or value is called 'Pan'"},
      {"{pan}{pan|lawer}", 11, "no filter is called 'lawer'"},
      {"{pan|}", 6, "a filter's name is missing"},
      {"{pan|mm/dd}", 9, "'dd' cannot stand here"},
  }));
  CAPTURE(source);
  const auto result = compile(source);
  CHECK_THAT(result.mistake, Catch::StartsWith(mistake));
  CHECK(result.column == column);
}

TEST_CASE("a name that nobody knows is told apart, for hints") {
  CHECK(compile("{expire}").unknown == "expire");
  CHECK(compile("{pan|lawer}").unknown == "lawer");
  CHECK(compile("{pan").unknown.empty());
}

TEST_CASE("a record without a field gives the empty text for it") {
  const auto compiled = compile("[{name}]");
  CHECK(kpd::expand(compiled.text, [](FieldId) { return std::string_view(); }) == "[]");
}

TEST_CASE("a text that cannot be made for a record is a fault with its column, without values") {
  const auto text = expanded("{pan}/{name + 1}");
  REQUIRE(!text);
  CHECK(text.error().code == "expression");
  CHECK(text.error().reason == "+: this is no integer of 64 bits (column 13)");
}

TEST_CASE("a text is no longer than 64 KiB") {
  const auto compiled = compile("{pan}{pan}");
  const std::string half(kpd::Expression::kMaxResult / 2, 'x'), more = half + "x";
  CHECK(kpd::expand(compiled.text, [&](FieldId) { return std::string_view(half); }));
  CHECK(!kpd::expand(compiled.text, [&](FieldId) { return std::string_view(more); }));
}

TEST_CASE("a text tells the fields that it looks at") {
  CHECK(kpd::fields_of(compile("a{name}{pan|last4}{name}").text) == std::vector<FieldId>{2, 0});
  CHECK(kpd::fields_of(compile("{expiry == '' ? empty : expiry}").text) ==
        std::vector<FieldId>{1, 3});
  CHECK(kpd::fields_of(compile("plain").text).empty());
}

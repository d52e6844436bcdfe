#include "kpd/plan/text_template.h"

#include <catch2/catch.hpp>
#include <map>

namespace {

using kpd::FieldId;

const std::map<std::string, FieldId> kFields{{"pan", 0}, {"expiry", 1}, {"name", 2}, {"empty", 3}};
const std::vector<std::string> kValues{"4761739001010119", "3112", "Müller/zoe", ""};

kpd::TextTemplateResult compile(const std::string& source) {
  return kpd::compile_text(source, [](const std::string& name) -> std::optional<FieldId> {
    const auto found = kFields.find(name);
    if (found == kFields.end()) return std::nullopt;
    return found->second;
  });
}

std::string expanded(const std::string& source) {
  const auto compiled = compile(source);
  REQUIRE(compiled.mistake.empty());
  return kpd::expand(compiled.text, [](FieldId id) { return std::string_view(kValues.at(id)); });
}

}  // namespace

TEST_CASE("a text's places take the fields of the record") {
  const auto [source, text] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"plain", "plain"},
      {"{pan}", "4761739001010119"},
      {"{pan}D{expiry}201", "4761739001010119D3112201"},
      {"{expiry}{expiry}", "31123112"},
      {"<{empty}>", "<>"},
      {"a}b", "a}b"},
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
      {"{pan|mm/yy}", "4761739001010119"},  // not four characters: as it is
      {"{name|upper}", "MüLLER/ZOE"},
      {"{pan|last4}", "0119"},
      {"{expiry|last4}", "3112"},
      {"{empty|last4}", ""},
  }));
  CAPTURE(source);
  CHECK(expanded(source) == text);
}

TEST_CASE("a mistake in a text is named") {
  const auto [source, mistake] = GENERATE(table<std::string, std::string>({
      {"{pan", "a '{' without its '}'"},
      {"{", "a '{' without its '}'"},
      {"{}", "no field or value is called ''"},
      {"{Pan}", "no field or value is called 'Pan'"},
      {"{pan }", "no field or value is called 'pan '"},
      {"{pan|lower}", "no filter is called 'lower'"},
      {"{pan|}", "no filter is called ''"},
      {"{pan|groups|last4}", "no filter is called 'groups|last4'"},
      {"{{pan}}", "no field or value is called '{pan'"},
  }));
  CAPTURE(source);
  CHECK(compile(source).mistake == mistake);
}

TEST_CASE("a record without a field gives the empty text for it") {
  const auto compiled = compile("[{name}]");
  CHECK(kpd::expand(compiled.text, [](FieldId) { return std::string_view(); }) == "[]");
}

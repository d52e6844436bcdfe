#include "cps/line_layout.h"

#include <catch2/catch.hpp>

#include "test/unit/cps/generators.h"

using namespace cps;
using emvcrypto::from_hex;

namespace {

const Bytes kChip = from_hex("30322E310004CAFE");
const Bytes kReference = from_hex("0102");

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

LineLayout delimited() {
  LineLayout layout;
  layout.end = "\n";
  layout.fields = {
      {"$REF"}, {"name"}, {"crn", LineContent::reference}, {"chip", LineContent::chip}};
  return layout;
}

LineLayout fixed() {
  LineLayout layout = delimited();
  layout.fixed = true;
  for (LineField& field : layout.fields) field.width = 16;
  layout.fields[1].right = true;
  layout.fields[1].fill = '0';
  return layout;
}

std::vector<Module> card(std::string_view id, std::string_view name) {
  return {{"$REF", bytes_of(id)}, {"name", bytes_of(name)}, {"$MG1", bytes_of("unused")}};
}

Expected<std::string> line_of(const LineLayout& layout, std::string_view name,
                              std::string_view id = "7") {
  return LineCodec(layout).encode(card(id, name), kChip, kReference);
}

/// The value of field "name" after writing and reading.
Expected<std::string> through(const LineLayout& layout, std::string_view name) {
  auto line = line_of(layout, name);
  if (!line) return line;
  line->resize(line->size() - layout.end.size());
  auto modules = LineCodec(layout).parse(*line, "$CHP");
  if (!modules) return tl::unexpected(modules.error());
  REQUIRE(modules->size() == 4);
  CHECK((*modules)[0] == Module{"$REF", bytes_of("7")});
  CHECK((*modules)[2] == Module{"crn", bytes_of("0102")});
  CHECK((*modules)[3] == Module{"$CHP", kChip});
  return std::string(emvcrypto::as_text((*modules)[1].content));
}

bool parses(const LineLayout& layout, std::string_view line) {
  return LineCodec(layout).parse(line, "$CHP").has_value();
}

}  // namespace

TEST_CASE("a line holds its fields between delimiters") {
  CHECK(line_of(delimited(), "OLGA") == "7;OLGA;0102;30322E310004CAFE\n");
  CHECK(line_of(delimited(), "") == "7;;0102;30322E310004CAFE\n");
}

TEST_CASE("a line of fixed widths is filled on the side that its fields say") {
  CHECK(line_of(fixed(), "OLGA") ==
        "7               000000000000OLGA0102            30322E310004CAFE\n");
}

TEST_CASE("a value with the delimiter or a quote stands between quotes") {
  CHECK(line_of(delimited(), "A;B") == "7;\"A;B\";0102;30322E310004CAFE\n");
  CHECK(line_of(delimited(), "A\"B") == "7;\"A\"\"B\";0102;30322E310004CAFE\n");
  LineLayout always = delimited();
  always.quoting = Quoting::always;
  CHECK(line_of(always, "") == "\"7\";\"\";\"0102\";\"30322E310004CAFE\"\n");
}

TEST_CASE("what cannot stand in a line is a fault of its card") {
  LineLayout never = delimited();
  never.quoting = Quoting::never;
  CHECK_FALSE(line_of(never, "A;B").has_value());
  CHECK(line_of(never, "A\"B").has_value());
  for (const char* name : {"A\nB", "A\rB", "A\tB", "\x7F"})
    CHECK_FALSE(line_of(delimited(), name).has_value());
  CHECK_FALSE(line_of(delimited(), std::string_view("A\0B", 3)).has_value());
  CHECK_FALSE(line_of(delimited(), "\xFF").has_value());
  CHECK_FALSE(line_of(delimited(), "A", "#7").has_value());  // would look like the trailer
  CHECK(line_of(delimited(), "#A").has_value());
}

TEST_CASE("a value is never cut to its width, and a reference is told from its fill") {
  CHECK(line_of(fixed(), "0123456789ABCDEF").has_value());
  CHECK_FALSE(line_of(fixed(), "0123456789ABCDEFG").has_value());
  CHECK_FALSE(line_of(fixed(), "A", "7 ").has_value());
  CHECK(line_of(fixed(), "A", " 7").has_value());
  // two bytes a character: the width counts bytes
  CHECK(line_of(fixed(), "ПЕТРОВА89").has_value());
  CHECK_FALSE(line_of(fixed(), "ПЕТРОВА890").has_value());
  LineLayout single = fixed();
  single.encoding = "WINDOWS-1251";
  CHECK(line_of(single, "ПЕТРОВА890").has_value());
}

TEST_CASE("a line reads back as it was written") {
  for (const char* name : {"", "OLGA", "A;B", "\"", "\"\"", ";", "\";\"", "A\"B", "Ольга", " A "})
    CHECK(through(delimited(), name) == std::string(name));
  CHECK(through(fixed(), "OLGA") == "OLGA");
  CHECK(through(fixed(), "0042") == "42");  // fill for the machine, not for us
}

TEST_CASE("a line written in any other way is refused") {
  const std::string good = "7;A;0102;30322E310004CAFE";
  REQUIRE(parses(delimited(), good));
  for (const char* bad :
       {"", "7;A;0102", "7;A;0102;30322E310004CAFE;", "7;A;0102;30322E310004CAFG",
        "7;A;0102;30322E310004CAF", "7;\"A\";0102;30322E310004CAFE", "7;\"A;0102;30322E310004CAFE",
        "7;\"A;B\"x;0102;30322E310004CAFE", "7;A\"B;0102;30322E310004CAFE",
        "7;A\tB;0102;30322E310004CAFE", "7;\xFF;0102;30322E310004CAFE"})
    CHECK_FALSE(parses(delimited(), bad));
  const std::string wide = "7               000000000000OLGA0102            30322E310004CAFE";
  REQUIRE(parses(fixed(), wide));
  for (std::size_t size = 0; size < wide.size(); ++size)
    CHECK_FALSE(parses(fixed(), wide.substr(0, size)));
  CHECK_FALSE(parses(fixed(), wide + " "));
}

TEST_CASE("a layout of lines that could not be read back is a mistake") {
  const auto mistake_of = [](auto alter, LineLayout layout = delimited()) {
    alter(layout);
    return layout_mistake(layout);
  };
  using L = LineLayout;
  CHECK(layout_mistake(delimited()).empty());
  CHECK(layout_mistake(fixed()).empty());
  for (const char* prefix : {"", "123456789", "{", "#{", "\n", "$HDR"})
    CHECK_FALSE(mistake_of([&](L& l) { l.prefix = prefix; }).empty());
  for (const char* end : {"", "\r", ";", "\n\n"})
    CHECK_FALSE(mistake_of([&](L& l) { l.end = end; }).empty());
  for (const char delimiter : {'\n', 'a', '0', '\0', '"', '\x1C'})
    CHECK_FALSE(mistake_of([&](L& l) { l.delimiter = delimiter; }).empty());
  CHECK(mistake_of([](L& l) { l.delimiter = '\t'; }).empty());
  for (const char quote : {'\n', 'a', ' ', ';'})
    CHECK_FALSE(mistake_of([&](L& l) { l.quote = quote; }).empty());
  CHECK_FALSE(mistake_of([](L& l) {
                l.quoting = Quoting::always;
                l.prefix = "\"";
              }).empty());
  CHECK_FALSE(mistake_of([](L& l) { l.fields.clear(); }).empty());
  CHECK_FALSE(mistake_of([](L& l) { l.fields.push_back({"name"}); }).empty());
  CHECK_FALSE(mistake_of([](L& l) { l.fields.push_back({"two", LineContent::chip}); }).empty());
  CHECK_FALSE(mistake_of([](L& l) { l.fields[0].name = "a b"; }).empty());
  CHECK_FALSE(mistake_of([](L& l) { l.encoding = "UTF-16"; }).empty());
  CHECK_FALSE(mistake_of([](L& l) { l.fields[0].width = 0; }, fixed()).empty());
  CHECK_FALSE(mistake_of([](L& l) { l.fields[3].fill = 'A'; }, fixed()).empty());
  CHECK_FALSE(mistake_of([](L& l) { l.fields[0].fill = '\t'; }, fixed()).empty());
  LineLayout wrong = delimited();
  wrong.fields.clear();
  CHECK_THROWS_AS(LineCodec(wrong), std::invalid_argument);
}

TEST_CASE("any texts come back from a line, or are a fault") {
  for (const Quoting quoting : {Quoting::never, Quoting::needed, Quoting::always})
    KPD_PROPERTY([quoting] {
      LineLayout layout = delimited();
      layout.quoting = quoting;
      const std::string name = *rc::gen::container<std::string>(
          rc::gen::element('A', ';', '"', ' ', '#', '\n', '0', '\t', '{'));
      const auto back = through(layout, name);
      if (back) RC_ASSERT(*back == name);
    });
}

TEST_CASE("any line is refused, or is what its modules encode to") {
  KPD_PROPERTY([] {
    const LineLayout layout = delimited();
    const std::string line =
        *rc::gen::container<std::string>(rc::gen::element('A', ';', '"', '0', '1', ' ', '#'));
    LineCodec codec(layout);
    const auto modules = codec.parse(line, "$CHP");
    if (!modules) return;
    const auto reference = emvcrypto::parse_hex(emvcrypto::as_text((*modules)[2].content));
    if (!reference || line.starts_with('#')) return;
    RC_ASSERT(codec.encode(*modules, (*modules)[3].content, *reference) == line + "\n");
  });
}

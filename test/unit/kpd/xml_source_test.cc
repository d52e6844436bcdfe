#include <catch2/catch.hpp>

#include "kpd/exit_code.h"
#include "kpd/source/limits.h"
#include "test/unit/kpd/source_rows.h"

namespace {

using namespace kpd_test;

kpd::SourcePlan plan(const Columns& paths, const std::string& record = "card") {
  kpd::SourcePlan plan;
  plan.format = kpd::SourcePlan::Format::xml;
  plan.file = "cards.xml";
  plan.encoding = "";
  plan.record = record;
  for (const std::string& path : paths) plan.columns.push_back({path, path, 0, 0});
  return plan;
}

/// Reads to the end or the break; what broke it comes as a last row with its message as the fault.
Rows rows(const kpd::SourcePlan& plan, const std::string& text) {
  const auto source = open_text(plan, text);
  Rows all;
  try {
    while (auto row = source->next())
      all.push_back(row->columns ? good(row->line, *row->columns)
                                 : bad(row->line, row->columns.error().code));
  } catch (const kpd::Failure& failure) {
    CHECK(failure.code() == kpd::ExitCode::io);
    all.push_back(bad(0, failure.what()));
  }
  CHECK_FALSE(source->next());
  return all;
}

std::string cards(const std::string& content) {
  return "<cards>" + content + "</cards>";
}

void check_broken(const std::string& text, const std::string& message, Rows before = {}) {
  Rows all = rows(plan({"a"}), text);
  REQUIRE_FALSE(all.empty());
  CHECK_THAT(all.back().fault, Catch::Contains(message));
  CHECK_THAT(all.back().fault, Catch::StartsWith("cards.xml:"));
  all.pop_back();
  CHECK(all == before);
}

}  // namespace

TEST_CASE("XML records give child elements and attributes, in the job's order") {
  const std::string text = R"(<?xml version="1.0"?>
<batch><card id="7" kind="x">
  <pan>4761</pan><holder lang="en"><name>A &amp; B</name></holder>
</card>
<card><holder><name><![CDATA[<C>]]></name></holder></card><card/></batch>)";
  const auto source = open_text(plan({"holder/name", "@id", "pan", "holder/@lang"}), text);
  CHECK(source->columns() == Columns{"holder/name", "@id", "pan", "holder/@lang"});
  CHECK(all_rows(*source) == Rows{good(2, {"A & B", "7", "4761", "en"}),
                                  good(5, {"<C>", "", "", ""}), good(5, {"", "", "", ""})});
}

TEST_CASE("XML records stand anywhere, whatever their namespace") {
  CHECK(rows(plan({"a"}), R"(<b:x xmlns:b="urn:b" xmlns="urn:c"><y><b:card><a>1</a></b:card></y>
<card><b:a>2</b:a></card></b:x>)") == Rows{good(1, {"1"}), good(2, {"2"})});
  CHECK(rows(plan({"@a"}), R"(<x xmlns:b="urn:b"><card b:a="1"/></x>)") == Rows{good(1, {"1"})});
  CHECK(rows(plan({"a"}), "<card><a>1</a></card>") == Rows{good(1, {"1"})});
  // A record within a record is a part of it.
  CHECK(rows(plan({"a", "card/a"}), cards("<card><a>1</a><card><a>2</a></card></card>")) ==
        Rows{good(1, {"1", "2"})});
}

TEST_CASE("an XML column that stands there twice or has elements is a fault of its record") {
  CHECK(rows(plan({"a"}), cards("<card><a>1</a><a/></card><card><a>2</a></card>")) ==
        Rows{bad(1, "twice"), good(1, {"2"})});
  CHECK(rows(plan({"a"}), cards("<card><a>1<b/></a></card><card><a>2</a></card>")) ==
        Rows{bad(1, "nested"), good(1, {"2"})});
  CHECK(rows(plan({"a/b"}), cards("<card><a><b>1</b></a><a><b>2</b></a></card>")) ==
        Rows{bad(1, "twice")});
}

TEST_CASE("XML text is kept as it stands, comments and processing instructions are none") {
  CHECK(rows(plan({"a"}), cards("<card><a> 1<!-- x -->2\n<?y z?>3&#x20AC;</a></card>")) ==
        Rows{good(1, {" 12\n3€"})});
}

TEST_CASE("XML comes in the encoding that it declares or that the job says") {
  const auto text = [](const std::string& encoding, const std::string& value) {
    return "<?xml version='1.0' encoding='" + encoding + "'?><card><a>" + value + "</a></card>";
  };
  CHECK(rows(plan({"a"}), text("windows-1251", "\xC0\xCD\xCD\xC0")) == Rows{good(1, {"АННА"})});
  CHECK(rows(plan({"a"}), text("ISO-8859-1", "\xDC")) == Rows{good(1, {"Ü"})});
  CHECK(rows(plan({"a"}), "\xEF\xBB\xBF" + text("utf-8", "Ü")) == Rows{good(1, {"Ü"})});
  kpd::SourcePlan told = plan({"a"});
  told.encoding = "windows-1252";
  CHECK(rows(told, text("utf-8", "\x80")) == Rows{good(1, {"€"})});
  std::string utf16 = "\xFF\xFE";
  for (char c : text("utf-16", "x")) utf16 += {c, '\0'};
  CHECK(rows(plan({"a"}), utf16) == Rows{good(1, {"x"})});
  check_broken(text("latin-99", "x"), "unknown encoding");
  check_broken(text("cp037", "x"), "unknown encoding");
  check_broken(text("utf-8", "\xDC"), "not well-formed");
  check_broken(text("utf-8", std::string(1, '\0')), "not well-formed");
}

TEST_CASE("a broken XML document gives the records before the place and names it") {
  check_broken("<cards>\n<card><a>1</a></card>\n<card><a>2</b></card></cards>",
               "cards.xml:3:13: the XML document is broken here: mismatched tag", {good(2, {"1"})});
  check_broken("<cards><card><a>1</a></card><card><a>2", "no element found", {good(1, {"1"})});
  check_broken("", "no element found");
  check_broken("<cards></cards><cards/>", "junk after document element");
  check_broken(cards("<card><a>&nbsp;</a></card>"), "undefined entity");
}

TEST_CASE("an XML document cannot declare entities, defaults or other files") {
  check_broken(R"(<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>
<l><card><a>&b;</a></card></l>)",
               "document type");
  check_broken("<!DOCTYPE l SYSTEM 'file:///etc/passwd'><l/>", "document type");
  check_broken("<!DOCTYPE l [<!ATTLIST card a CDATA '1'>]><l/>", "document type");
  CHECK(rows(plan({"a"}), "<!DOCTYPE card><card><a>1</a></card>") == Rows{good(1, {"1"})});
}

TEST_CASE("XML has limits of depth") {
  const auto deep = [](std::size_t levels) {
    return cards("<card>" + times(levels - 2, "<b>") + times(levels - 2, "</b>") + "</card>");
  };
  CHECK(rows(plan({"a"}), deep(kpd::kMaxDepth)) == Rows{good(1, {""})});
  check_broken(deep(kpd::kMaxDepth + 1), "levels");
  check_broken(times(1000000, "<b>"), "levels");
  // The element that is too deep ends its record nowhere.
  check_broken(times(kpd::kMaxDepth - 1, "<b>") + "<card><a/></card>", "levels");
}

TEST_CASE("XML has limits of text") {
  const std::string most(kpd::kMaxRecord, 'x');
  CHECK(rows(plan({"a"}), cards("<card><a>" + most + "</a></card>")) == Rows{good(1, {most})});
  CHECK(rows(plan({"a"}), cards("<card><a>" + most + "x</a></card><card><a>2</a></card>")) ==
        Rows{bad(1, "record-size"), good(1, {"2"})});
  // What no column wants is passed over whatever its size.
  CHECK(rows(plan({"a"}), cards("<card><b>" + most + most + "</b><a>1</a></card>")) ==
        Rows{good(1, {"1"})});
  const std::string huge = times(8, most);
  check_broken(cards("<card><a>1</a></card><!--" + huge + "-->"), "longer than 1 MiB",
               {good(1, {"1"})});
  check_broken(cards("<card b='" + huge + "'/>"), "longer than 1 MiB");
  check_broken("<!--" + huge + "--><cards/>", "longer than 1 MiB");
  check_broken("<?x " + huge + "?><cards/>", "longer than 1 MiB");
  check_broken("<" + huge + "/>", "longer than 1 MiB");
  check_broken("<cards/><!--" + huge + "-->", "longer than 1 MiB");
  check_broken("<!DOCTYPE " + huge + "><cards/>", "longer than 1 MiB");
}

TEST_CASE("XML has limits of names") {
  std::string elements, attributes, prefixes;
  for (int i = 0; i < 40000; ++i) {
    const std::string name = "name" + std::to_string(i);
    elements += "<" + name + "/>";
    attributes += "<b " + name + "='1'/>";
    prefixes += "<b xmlns:" + name + "='urn:b'/>";
  }
  check_broken(cards(elements), "names");
  check_broken(cards(attributes), "names");
  check_broken(cards(prefixes), "names");
}

TEST_CASE("XML records may stand across any block of the file") {
  std::string text = "<cards>";
  Rows expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string name(static_cast<std::size_t>(i % 37), 'n');
    text += "<card><a>" + name + "&lt;" + std::to_string(i) + "</a></card>\n";
    expected.push_back(good(static_cast<std::uint64_t>(i + 1), {name + "<" + std::to_string(i)}));
  }
  CHECK(rows(plan({"a"}), text + "</cards>") == expected);
}

// Chip data and lines of any bytes under a header's layout, past the digest that guards a file:
// they are refused, or they are exactly what their parts encode to. The same bytes as the text of
// tags.
#include <cstdlib>

#include "cps/line_layout.h"
#include "cps/tagged_layout.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

cps::TaggedLayout packages() {
  cps::TaggedLayout layout;
  cps::TaggedCard card;
  card.frame.applications.resize(1);
  card.frame.applications[0].aid = cps::Bytes(5, 0xF0);
  card.applications = {{"N",
                        cps::Bytes(4),
                        {{0x9102, 0xDF01, cps::parse_tag_trees("A5(50,BF0C(9F4D))").value()},
                         {0x0101, 0xDF02, cps::parse_tag_trees("70(57,5F20)").value()},
                         {0x8000, 0xDF03, {}}}}};
  layout.cards = {card};
  return layout;
}

void check_packages(cps::ByteView bytes) {
  static const cps::TaggedLayout layout = packages();
  require(cps::layout_mistake(layout).empty());
  const auto record = cps::parse_packages(layout, 0, bytes, {});
  if (!record) return;
  const auto again = cps::encode_packages(layout, 0, *record);
  require(again.has_value() && *again == cps::Bytes(bytes.begin(), bytes.end()));
}

cps::LineLayout lines(bool fixed, cps::Quoting quoting) {
  cps::LineLayout layout;
  layout.encoding = "WINDOWS-1251";
  layout.end = "\n";
  layout.fixed = fixed;
  layout.quoting = quoting;
  layout.fields = {{"a", cps::LineContent::text, 4}, {"chip", cps::LineContent::chip, 8}};
  return layout;
}

void check_line(cps::LineCodec& codec, std::string_view line) {
  const auto modules = codec.parse(line, "$CHP");
  if (!modules) return;
  require(modules->size() == codec.layout().fields.size());
  const auto again = codec.encode(*modules, (*modules)[1].content, {});
  if (!again) return;  // what starts as a trailer would
  const auto back = codec.parse(std::string_view(*again).substr(0, again->size() - 1), "$CHP");
  require(back.has_value() && *back == *modules);
}

void check_tags(std::string_view text) {
  const auto trees = cps::parse_tag_trees(text);
  if (trees) require(cps::to_text(*trees) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static cps::LineCodec fixed(lines(true, cps::Quoting::needed));
  static cps::LineCodec quoted(lines(false, cps::Quoting::needed));
  static cps::LineCodec always(lines(false, cps::Quoting::always));
  static cps::LineCodec plain(lines(false, cps::Quoting::never));
  const std::string_view text = emvcrypto::as_text({data, size});
  check_packages({data, size});
  for (cps::LineCodec* codec : {&fixed, &quoted, &always, &plain}) check_line(*codec, text);
  check_tags(text);
  return 0;
}

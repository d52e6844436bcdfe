// Lines of plain fields, for machines that read those.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "kpd/plan/compile_output.h"

namespace kpd {
namespace {

bool is_module(const Plan& plan, const std::string& mic) {
  if (mic == cps::kReferenceMic || mic == cps::kTypeMic) return true;
  return std::any_of(plan.cards.begin(), plan.cards.end(), [&](const CardPlan& card) {
    return std::any_of(card.modules.begin(), card.modules.end(),
                       [&](const ModulePlan& module) { return module.mic == mic; });
  });
}

char character(const YamlNode& node) {
  const std::string text = node.text();
  if (text.size() != 1) node.fail("this is one ASCII character");
  return text[0];
}

/// A text of the profile itself, for every card of the plan.
void compile_own_text(PlanBuilder& builder, const YamlNode& text, const std::string& name) {
  LineTextPlan plan{name, {}};
  for (const CardPlan& card : builder.plan.cards) plan.by_card.push_back(builder.text(text, &card));
  builder.plan.output.line_texts.push_back(std::move(plan));
}

void read_place(YamlMap& map, cps::LineField& field) {
  field.width = map.need("width").number(1, 4'000'000);
  if (const auto align = map.maybe("align")) field.right = align->choice({"left", "right"}) == 1;
  if (const auto fill = map.maybe("fill")) field.fill = character(*fill);
}

cps::LineField compile_field(PlanBuilder& builder, const YamlNode& node, bool fixed) {
  YamlMap map = node.map();
  cps::LineField field;
  if (const auto mic = map.maybe("module")) {
    field.name = mic->text();
    if (!is_module(builder.plan, field.name))
      mic->fail(fmt::format("no product has a module {}", field.name));
  } else if (const auto chip = map.maybe("chip")) {
    const bool reference = chip->choice({"cps-hex", "reference"}) == 1;
    field.content = reference ? cps::LineContent::reference : cps::LineContent::chip;
    field.name = map.text("name", reference ? "crn" : "chip");
  } else {
    const YamlNode name = map.need("name");
    field.name = name.text();
    if (field.name == builder.plan.output.chip_mic || is_module(builder.plan, field.name))
      name.fail(fmt::format("{} is a module; a field for it is {{module: \"{}\"}}", field.name,
                            field.name));
    compile_own_text(builder, map.need("text"), field.name);
  }
  if (fixed) read_place(map, field);
  map.finish();
  return field;
}

}  // namespace

void compile_lines(PlanBuilder& builder, YamlMap& map) {
  cps::LineLayout& lines = builder.plan.output.lines;
  lines.encoding = map.text("encoding", lines.encoding);
  lines.prefix = map.text("prefix", lines.prefix);
  lines.end = map.text("end", lines.end);
  const auto delimiter = map.maybe("delimiter");
  lines.fixed = !delimiter;
  if (delimiter) {
    lines.delimiter = character(*delimiter);
    if (const auto quote = map.maybe("quote")) lines.quote = character(*quote);
    if (const auto quoting = map.maybe("quoting"))
      lines.quoting = static_cast<cps::Quoting>(quoting->choice({"never", "needed", "always"}));
  }
  const YamlNode fields = map.need("fields");
  for (const YamlNode& field : fields.list())
    builder.mistakes.guard(
        [&] { lines.fields.push_back(compile_field(builder, field, lines.fixed)); });
  const std::string mistake = cps::layout_mistake(lines);
  if (!mistake.empty()) fields.fail(mistake);
}

}  // namespace kpd

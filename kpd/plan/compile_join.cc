// Second sources of a card's data.
#include <fmt/format.h>

#include <array>

#include "kpd/plan/compile_field.h"
#include "kpd/plan/compile_source.h"

namespace kpd {
namespace {

bool is_text(const YamlNode& node) {
  return node.text().find('{') != std::string::npos;
}

/// What is the same in a record and in its partner.
void compile_keys(JoinPlan& join, YamlMap& map, const PlanBuilder& builder,
                  const WantedColumns& columns) {
  const YamlNode key = map.need("key"), on = map.need("on");
  if (is_text(key)) {
    // When the source is read no record is in hand: each name is a column.
    join.key_text = IntakeScope{builder, false, &columns, {}, {}}.compile(key);
  } else {
    join.key_input = columns.need(key, key.text());
  }
  if (is_text(on)) {
    join.on_text = IntakeScope{builder, true, nullptr, {}, {}}.compile(on);
    return;
  }
  const auto field = builder.find_field(on.text(), nullptr);
  if (!field) on.fail(fmt::format("no field before this source is called '{}'", on.text()));
  join.on_field = *field;
}

}  // namespace

void compile_join(PlanBuilder& builder, const YamlNode& name, const YamlNode& node) {
  JoinPlan join;
  join.name = name.text();
  YamlMap map = node.map();
  builder.mistakes.guard([&] {
    YamlMap source = map.need("source").map();
    join.source =
        compile_source(source, [&](const std::string& file) { return builder.resolve(file); });
    source.finish();
  });
  const WantedColumns columns{join.source, join.inputs};
  builder.mistakes.guard([&] { compile_keys(join, map, builder, columns); });
  if (const auto missing = map.maybe("missing"))
    join.missing =
        std::array{JoinPlan::Missing::reject, JoinPlan::Missing::empty,
                   JoinPlan::Missing::defaults}[missing->choice({"reject", "empty", "default"})];
  join.unreadable_stops = join.missing != JoinPlan::Missing::reject;
  if (const auto unreadable = map.maybe("unreadable"))
    join.unreadable_stops = unreadable->choice({"stop", "pass"}) == 0;
  join.first_field = static_cast<FieldId>(builder.plan.fields.size());
  YamlMap fields = map.need("fields").map();
  for (const auto& [field, value] : fields.all()) compile_field(builder, columns, field, value);
  join.fields = builder.plan.fields.size() - join.first_field;
  map.finish();
  builder.plan.intake.joins.push_back(std::move(join));
}

}  // namespace kpd

#include "kpd/plan/compile_output.h"

namespace kpd {

void compile_output(PlanBuilder& builder, const YamlNode& node) {
  OutputPlan& output = builder.plan.output;
  YamlMap map = node.map();
  output.file = map.need("file").text();
  output.chip_mic = map.text("chip_mic", output.chip_mic);
  output.layout_version = map.text("layout_version", output.layout_version);
  output.status = map.text("status", output.status);
  if (output.chip_mic.size() != 4 || output.layout_version.size() != 4 || output.status.size() != 2)
    map.node().fail("chip_mic and layout_version have 4 characters, status has 2");
  output.layout.key_id_length = map.number("key_id_length", output.layout.key_id_length, 1, 16);
  if (const auto type = map.maybe("key_type")) output.key_type = type->hex(1)[0];
  if (const auto keys = map.maybe("transport_keys"))
    output.fresh_transport_keys = keys->choice({"fresh", "static"}) == 0;
  output.record_mac = map.flag("record_mac", output.record_mac);
  map.finish();
}

}  // namespace kpd

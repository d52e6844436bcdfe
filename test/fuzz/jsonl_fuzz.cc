// Any bytes as JSON lines: what a good record gives is what another reader of JSON finds there.
#include <nlohmann/json.hpp>

#include "emvcrypto/bytes.h"
#include "test/fuzz/source_rows.h"

namespace {

using Json = nlohmann::json;

/// A column as the source must give it; numbers keep their text, so only their value is compared.
void require_same(const Json& value, const std::string& column) {
  if (value.is_null())
    require(column.empty());
  else if (value.is_string())
    require(value.get<std::string>() == column);
  else if (value.is_boolean())
    require(column == (value.get<bool>() ? "true" : "false"));
  else
    require(Json::parse(column) == value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(emvcrypto::as_text({data, size}));
  kpd::SourcePlan plan;
  plan.format = kpd::SourcePlan::Format::jsonl;
  plan.columns = {{"a", "a", 0, 0}, {"b", "b.c", 0, 0}, {"l", "l.0", 0, 0}};
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  for (const auto& [number, row] : good_rows(plan, text)) {
    std::string line = lines.at(number - 1);
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    const Json record = Json::parse(line);
    if (record.contains("a")) require_same(record["a"], row[0]);
    if (record.contains("b") && record["b"].is_object() && record["b"].contains("c"))
      require_same(record["b"]["c"], row[1]);
    if (record.contains("l") && record["l"].is_array() && !record["l"].empty())
      require_same(record["l"][0], row[2]);
  }
  return 0;
}

// Any bytes as an XML document: the first byte chooses whether the job tells its encoding. What
// good records give is given again when they are written and read once more.
#include "emvcrypto/bytes.h"
#include "test/fuzz/source_rows.h"

namespace {

std::string escaped(const std::string& text) {
  std::string all;
  for (char c : text) {
    if (c == '&' || c == '<' || c == '>' || c == '\r')
      all += "&#" + std::to_string(c) + ";";
    else
      all += c;
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  kpd::SourcePlan plan;
  plan.format = kpd::SourcePlan::Format::xml;
  constexpr const char* kEncodings[] = {"", "", "utf-8", "windows-1251"};
  plan.encoding = kEncodings[data[0] % 4];
  plan.record = "r";
  plan.columns = {{"a", "a", 0, 0}, {"b", "b/c", 0, 0}, {"d", "@d", 0, 0}};
  const auto rows = good_rows(plan, std::string(emvcrypto::as_text({data + 1, size - 1})));

  std::string again = "<x>";
  for (const auto& [line, row] : rows)
    again += "<r><a>" + escaped(row[0]) + "</a><b><c>" + escaped(row[1]) + "</c></b><d>" +
             escaped(row[2]) + "</d></r>";
  plan.encoding = "utf-8";
  plan.columns[2].path = "d";
  const auto second = good_rows(plan, again + "</x>");
  require(second.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) require(second[i].second == rows[i].second);
  return 0;
}

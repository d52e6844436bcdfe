// Any bytes as records of fixed width, in the encoding that the first byte chooses: a good record
// has its columns, none longer than it may be or with a blank at its end.
#include "emvcrypto/bytes.h"
#include "test/fuzz/source_rows.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr const char* kEncodings[] = {"utf-8",    "utf-16", "iso-8859-1", "windows-1251",
                                        "utf-16le", "cp037",  "cp1047",     "cp932"};
  kpd::SourcePlan plan;
  plan.format = kpd::SourcePlan::Format::fixed;
  plan.encoding = kEncodings[data[0] % 8];
  plan.line_ends = (data[0] & 8) == 0;
  plan.columns = {{"a", "", 0, 3}, {"b", "", 5, 4}, {"c", "", 2, 1}};
  plan.line_length = 10;
  for (const auto& [line, row] :
       good_rows(plan, std::string(emvcrypto::as_text({data + 1, size - 1}))))
    for (std::size_t i = 0; i < row.size(); ++i)
      require(kpd::utf8_length(row[i]) <= plan.columns[i].size && !row[i].ends_with(' '));
  return 0;
}

#include "kpd/inspect/inspect_reject_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "kpd/exit_code.h"
#include "kpd/inspect/mask.h"

namespace kpd::inspect {
namespace {

constexpr std::size_t kMaxLine = std::size_t{1} << 16;

/// One reject, ready to be shown.
struct Reject {
  std::string line, record, stage, field, fault, reason;
  std::string source;  ///< where the fault is, when not in the record itself; else empty
};

/// The columns of the table, in order; the reason ends a row and needs no width.
using Cells = std::array<std::string, 6>;
using Widths = std::array<std::size_t, 5>;

Cells cells_of(const Reject& reject) {
  return {reject.line,
          reject.record,
          reject.stage,
          reject.field.empty() ? "-" : reject.field,
          reject.fault,
          reject.source.empty() ? reject.reason : reject.reason + " (" + reject.source + ")"};
}

Reject parse_reject(const std::string& text, std::uint64_t number) {
  const Mask mask;  // rejects hold no PAN; a damaged one must not show it either
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto get = [&](const char* key) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    if (!json.is_object() || found == json.end() ||
        !(found->is_string() || found->is_number_unsigned()))
      throw Failure(ExitCode::hold,
                    fmt::format("line {} is not a reject: its '{}' is missing", number, key));
    const std::string value = found->is_string() ? found->get<std::string>() : found->dump();
    return printable(mask.text(value));
  };
  Reject reject{get("line"), get("record"), get("stage"), get("field"), get("fault"), get("reason"),
                {}};
  if (json.contains("source")) reject.source = get("source");
  return reject;
}

/// Calls `use` with every reject of a file.
template <typename Use>
void for_each_reject(std::istream& in, const Use& use) {
  in.clear();
  in.seekg(0);
  std::string buffer(kMaxLine, '\0');
  for (std::uint64_t number = 1; in.getline(buffer.data(), kMaxLine); ++number)
    use(parse_reject(buffer.c_str(), number));
  if (!in.eof()) throw Failure(ExitCode::hold, "a line is too long to be a reject");
}

using Counts = std::map<std::string, std::uint64_t>;

void print(std::ostream& out, const Cells& cells, const Widths& widths) {
  for (std::size_t i = 0; i < widths.size(); ++i)
    out << fmt::format("{:<{}}  ", cells[i], widths[i]);
  out << cells.back() << '\n';
}

}  // namespace

void inspect_reject_table(std::istream& in, const Wish& wish, std::ostream& out,
                          const TextStyle& style) {
  const Cells title{"line", "record", "stage", "field", "fault", "reason"};
  Widths widths{};
  for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = title[i].size();
  Counts counts;
  Selection measured(wish, UINT64_MAX);
  for_each_reject(in, [&](const Reject& reject) {
    ++counts[reject.fault];
    if (!measured.next(reject.record)) return;
    const Cells cells = cells_of(reject);
    for (std::size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], cells[i].size());
  });
  const std::vector<Node> rest = measured.rest();
  if (counts.empty()) {
    out << "No rejects\n";
    return;
  }

  if (style.colours) out << "\033[1m";
  print(out, title, widths);
  if (style.colours) out << "\033[0m";
  Selection shown(wish, UINT64_MAX);
  for_each_reject(in, [&](const Reject& reject) {
    if (shown.next(reject.record)) print(out, cells_of(reject), widths);
  });
  for (const Node& more : rest) out << more.label << "  " << more.value << '\n';
  out << '\n';
  std::size_t digits = 0;
  for (const auto& [fault, count] : counts) digits = std::max(digits, std::to_string(count).size());
  for (const auto& [fault, count] : counts)
    out << fmt::format("{:>{}}  {}\n", count, digits, fault);
}

void inspect_reject_tree(std::istream& in, const Wish& wish, TreeWriter& writer) {
  write_tree(writer, "reject-file", [&] {
    Selection selection(wish, UINT64_MAX);
    Counts counts;
    for_each_reject(in, [&](const Reject& reject) {
      ++counts[reject.fault];
      if (!selection.next(reject.record)) return;
      Node node = branch("reject", reject.record, "");
      for (const auto& [id, value] :
           {std::pair{"line", &reject.line}, std::pair{"stage", &reject.stage},
            std::pair{"field", &reject.field}, std::pair{"fault", &reject.fault},
            std::pair{"reason", &reject.reason}})
        node.add(field(id, "", *value));
      if (!reject.source.empty()) node.add(field("source", "", reject.source));
      writer.section(node);
    });
    for (const Node& more : selection.rest()) writer.section(more);
    Node all = branch("counts", "", "Rejects by fault");
    for (const auto& [fault, count] : counts) all.add(field(fault, "", std::to_string(count)));
    writer.section(all);
  });
}

}  // namespace kpd::inspect

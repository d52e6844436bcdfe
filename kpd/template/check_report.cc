#include "kpd/template/check_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace kpd {
namespace {

bool is_error(const Mistake& mistake, bool strict) {
  return strict || !mistake.warning;
}

std::string id_of(const Mistake& mistake) {
  return mistake.id.empty() ? "config" : mistake.id;
}

/// Text for XML 1.0: what is not allowed there becomes '?'.
std::string xml(const std::string& text) {
  std::string safe;
  for (const char c : text) switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\n':
        safe += "&#10;";
        break;
      default:
        safe += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  return safe;
}

void write_case(std::ostream& out, const CheckedFile& file, const Mistake& mistake, bool strict) {
  out << fmt::format("    <testcase classname=\"{}\" name=\"{} {}\">", xml(file.file.string()),
                     xml(id_of(mistake)), xml(mistake.place.text()));
  if (is_error(mistake, strict))
    out << fmt::format("<failure type=\"{}\" message=\"{}\">{}</failure>", xml(id_of(mistake)),
                       xml(mistake.text), xml(line_of(mistake)));
  else
    out << fmt::format("<system-out>{}</system-out>", xml(line_of(mistake)));
  out << "</testcase>\n";
}

}  // namespace

std::vector<Mistake> all_mistakes(std::span<const CheckedFile> files) {
  Mistakes all;
  for (const CheckedFile& file : files)
    for (const Mistake& mistake : file.mistakes) all.add(mistake);
  return all.all();
}

CheckCounts count(std::span<const CheckedFile> files, bool strict) {
  CheckCounts counts;
  for (const Mistake& mistake : all_mistakes(files)) {
    if (mistake.id == kMissingKey)
      ++counts.missing_keys;
    else if (is_error(mistake, strict))
      ++counts.errors;
    else
      ++counts.warnings;
  }
  return counts;
}

ExitCode exit_code(const CheckCounts& counts) {
  if (counts.errors > 0) return ExitCode::usage;
  return counts.missing_keys > 0 ? ExitCode::hold : ExitCode::done;
}

std::string line_of(const Mistake& mistake) {
  Mistake plain = mistake;
  plain.place = {};
  const std::string place = mistake.place.text();
  return fmt::format("{}{}{}: {} [{}]", place, place.empty() ? "" : ": ",
                     mistake.warning ? "warning" : "error", plain.line(), id_of(mistake));
}

void write_json(std::ostream& out, std::span<const CheckedFile> files, bool strict) {
  using nlohmann::ordered_json;
  ordered_json list = ordered_json::array(), found = ordered_json::array();
  for (const CheckedFile& file : files)
    list.push_back({{"file", file.file.string()}, {"kind", file.kind}, {"notes", file.notes}});
  for (const Mistake& mistake : all_mistakes(files))
    found.push_back({{"severity", is_error(mistake, strict) ? "error" : "warning"},
                     {"id", id_of(mistake)},
                     {"file", mistake.place.file},
                     {"line", mistake.place.line},
                     {"column", mistake.place.column},
                     {"path", mistake.path},
                     {"text", mistake.text},
                     {"hint", mistake.hint}});
  const CheckCounts counts = count(files, strict);
  out << ordered_json{{"files", list},
                      {"mistakes", found},
                      {"errors", counts.errors + counts.missing_keys},
                      {"warnings", counts.warnings}}
             .dump(2)
      << "\n";
}

void write_junit(std::ostream& out, std::span<const CheckedFile> files, bool strict) {
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"kpd template check\">\n";
  for (const CheckedFile& file : files) {
    std::size_t failures = 0;
    for (const Mistake& mistake : file.mistakes) failures += is_error(mistake, strict) ? 1 : 0;
    const std::size_t passed = failures == 0 ? 1 : 0;
    out << fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n",
                       xml(file.file.string()), file.mistakes.size() + passed, failures);
    if (passed == 1)
      out << fmt::format("    <testcase classname=\"{}\" name=\"no errors\"/>\n",
                         xml(file.file.string()));
    for (const Mistake& mistake : file.mistakes) write_case(out, file, mistake, strict);
    out << "  </testsuite>\n";
  }
  out << "</testsuites>\n";
}

}  // namespace kpd

#include "kpd/inspect/file_kind.h"

#include <fmt/format.h>

#include <array>

#include "cps/card_source.h"
#include "kpd/exit_code.h"

namespace kpd::inspect {
namespace {

struct Start {
  std::string_view bytes;
  FileKind kind;
};
constexpr Start kStarts[] = {{"KPDS", FileKind::stage_file},
                             {"{\"ordinal\":", FileKind::reject_file}};

struct YamlKind {
  std::string_view kind, what, command;
};
constexpr YamlKind kYamlKinds[] = {
    {"job", "a job", "kpd run {}"},
    {"area", "a work area, made by kpd init", "kpd run JOB, with the jobs beside it"},
    {"area-plan", "what kpd init makes an area of", "kpd init DIR"},
    {"card", "a card template", "kpd run JOB, with the jobs that name it"},
    {"application", "an application template", "kpd run JOB, with the jobs that name it"},
    {"issuer-certificate", "an issuer's certificate", "kpd run JOB, with the jobs that name it"},
    {"ca-key", "the public key of a scheme's CA", "kpd run JOB, with the jobs that name it"},
    {"output-profile", "how card files look", "kpd run JOB, with the jobs that name it"},
    {"device", "a profile of a make of devices", "kpd init DIR --device NAME"},
    {"chip", "a virtual chip", "kpd chip --help"},
    {"machine", "a model of a personalisation machine", "kpd machine show {}"},
};

bool is_yaml_name(const std::filesystem::path& name) {
  return name.extension() == ".yaml" || name.extension() == ".yml";
}

/// The value of `kind:` at the start of one of the first lines; empty when there is none.
std::string yaml_kind(std::istream& in) {
  constexpr std::string_view kKey = "kind:";
  constexpr int kLines = 200;
  std::array<char, 1024> line{};
  for (int i = 0; i < kLines && in.getline(line.data(), line.size()); ++i) {
    std::string_view text(line.data());
    if (!text.starts_with(kKey)) continue;
    text.remove_prefix(kKey.size());
    const auto start = text.find_first_not_of(" \"'");
    if (start == std::string_view::npos) return {};
    return std::string(text.substr(start, text.find_first_of(" \"'#\r", start) - start));
  }
  return {};
}

}  // namespace

FileKind file_kind(std::istream& in, const std::filesystem::path& name) {
  std::array<char, cps::kCardFileStart> buffer{};
  in.read(buffer.data(), buffer.size());
  const std::string_view start(buffer.data(), static_cast<std::size_t>(in.gcount()));
  in.clear();
  if (!in.seekg(0))
    throw Failure(ExitCode::usage, "only a file can be inspected, not a pipe or a folder");
  for (const Start& one : kStarts)
    if (start.starts_with(one.bytes)) return one.kind;
  if (cps::is_card_file(start)) return FileKind::card_file;
  if (start.empty() && name.string().ends_with(".rejects.jsonl")) return FileKind::reject_file;
  return is_yaml_name(name) ? FileKind::yaml : FileKind::unknown;
}

std::string describe_yaml(std::istream& in, const std::filesystem::path& name) {
  const std::string kind = yaml_kind(in);
  for (const YamlKind& known : kYamlKinds)
    if (known.kind == kind)
      return fmt::format("{}: {}; see  {}", name.string(), known.what,
                         fmt::format(fmt::runtime(known.command), name.string()));
  return fmt::format("{}: YAML without a kind that kpd knows; see  kpd --help", name.string());
}

}  // namespace kpd::inspect

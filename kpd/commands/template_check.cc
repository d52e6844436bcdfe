// kpd template check: every mistake in files that people write.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <map>
#include <set>

#include "kpd/commands/template_options.h"
#include "kpd/template/check_report.h"

namespace kpd {
namespace {

struct CheckOptions {
  std::vector<std::string> files;
  WorldOptions world;
  std::string junit;
  bool no_token = false, strict = false;
};

/// Tokens of several jobs, each opened once.
class Tokens {
 public:
  explicit Tokens(const Invocation& invocation) : pins_(make_pin_source(invocation)) {}

  std::shared_ptr<hsm::Token> open(const std::filesystem::path& job) {
    Area area = area_of_job(job);
    auto& token = tokens_[area.folder()];
    if (!token) token = area.open(kPreparation, *pins_);
    return token;
  }

 private:
  std::unique_ptr<hsm::PinSource> pins_;
  std::map<std::filesystem::path, std::shared_ptr<hsm::Token>> tokens_;
};

void write_junit_file(const CheckOptions& options, std::span<const CheckedFile> files) {
  if (options.junit.empty()) return;
  if (options.junit == "-") return write_junit(std::cout, files, options.strict);
  std::ofstream out(options.junit);
  write_junit(out, files, options.strict);
  if (!out.flush()) throw Failure(ExitCode::io, options.junit + ": cannot be written");
}

ExitCode run_check(const CheckOptions& options, const Invocation& invocation) {
  if (invocation.json && options.junit == "-")
    throw Failure(ExitCode::usage, "--json and --junit - both want standard output");
  Tokens tokens(invocation);
  TokenOpener open;
  if (!options.no_token) open = [&](const auto& job) { return tokens.open(job); };
  std::vector<CheckedFile> files;
  const TemplateWorld world = options.world.world();
  for (const std::string& file : options.files) files.push_back(check_file(file, world, open));

  write_junit_file(options, files);
  if (invocation.json) write_json(std::cout, files, options.strict);
  if (!std::cout.flush()) throw Failure(ExitCode::io, "the output cannot be written to its end");
  const CheckCounts counts = count(files, options.strict);
  if (invocation.json) return exit_code(counts);
  std::set<std::string> said;
  for (const CheckedFile& file : files)
    for (const std::string& note : file.notes)
      if (said.insert(note).second) say(note);
  for (const Mistake& mistake : all_mistakes(files)) say(line_of(mistake));
  say(fmt::format(
      "{} checked: {}, {}", files.size() == 1 ? "1 file" : fmt::format("{} files", files.size()),
      counts.errors + counts.missing_keys == 1
          ? "1 error"
          : fmt::format("{} errors", counts.errors + counts.missing_keys),
      counts.warnings == 1 ? "1 warning" : fmt::format("{} warnings", counts.warnings)));
  return exit_code(counts);
}

}  // namespace

void add_template_check(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command =
      parent.add_subcommand("check", "Find every mistake in jobs, templates and other files");
  command->add_option("FILE", options->files, "Files to check")->required();
  options->world.add_to(*command);
  command->add_flag("--no-token", options->no_token, "Do not look up keys in a job's token");
  command->add_flag("--strict", options->strict, "Warnings count as errors");
  command->add_option("--junit", options->junit, "Write a JUnit report to this file (-: stdout)");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "Exit codes: 0 no errors, 64 errors, 65 nothing but keys is missing in the token.\n"
      "Example:  kpd template check job.yaml templates/applications/*.yaml --no-token");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_check(*options, invocation); };
  });
}

}  // namespace kpd

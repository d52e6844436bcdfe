/// The command line: one file a command, what they share here.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

#include "hsm/token.h"
#include "kpd/area/area.h"
#include "kpd/exit_code.h"
#include "kpd/journal/journal.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// What the command line asked for: the chosen command puts its work into `action`.
struct Invocation {
  std::function<ExitCode()> action;
  int pin_descriptor = -1;
  bool json = false;
};

/// Parses, runs and maps every failure to its exit code with one message on stderr.
int run_command_line(int argc, char** argv);

void add_init(CLI::App& app, Invocation& invocation);
void add_hsm(CLI::App& app, Invocation& invocation);
void add_run(CLI::App& app, Invocation& invocation);
void add_stages(CLI::App& app, Invocation& invocation);
void add_load(CLI::App& app, Invocation& invocation);
void add_serve(CLI::App& app, Invocation& invocation);
void add_verify(CLI::App& app, Invocation& invocation);
void add_inspect(CLI::App& app, Invocation& invocation);
void add_chip(CLI::App& app, Invocation& invocation);
void add_template(CLI::App& app, Invocation& invocation);
void add_cert(CLI::App& app, Invocation& invocation);
void add_ca(CLI::App& app, Invocation& invocation);
void add_key(CLI::App& app, Invocation& invocation);
void add_calc(CLI::App& app, Invocation& invocation);
void add_pool(CLI::App& app, Invocation& invocation);
void add_bench(CLI::App& app, Invocation& invocation);
void add_script(CLI::App& app, Invocation& invocation);
void add_machine(CLI::App& app, Invocation& invocation);
void add_books(CLI::App& app, Invocation& invocation);
void add_station(CLI::App& app, Invocation& invocation);

/// --pin-fd and --json on a command that needs them.
void add_pin_option(CLI::App& command, Invocation& invocation);
void add_json_option(CLI::App& command, Invocation& invocation);

/// Where token PINs come from for this invocation.
std::unique_ptr<hsm::PinSource> make_pin_source(const Invocation& invocation);

/// A job, its area and its compiled plan, with the preparing token open.
struct OpenJob {
  Area area;
  std::unique_ptr<hsm::PinSource> pins;
  std::shared_ptr<hsm::Token> token;
  Plan plan;
};
OpenJob open_job(const std::filesystem::path& job_file, const Invocation& invocation);

/// The area that a job names.
Area area_of_job(const std::filesystem::path& job_file);

/// Shows counts on a terminal while a batch runs; silent in a pipe.
class ProgressLine {
 public:
  explicit ProgressLine(std::string verb);
  ~ProgressLine();
  void show(const Books& books);
  void show(std::uint64_t done, std::uint64_t of);
  void show(const std::string& what) { print(verb_ + " " + what); }

 private:
  void print(const std::string& text);
  std::string verb_;
  bool terminal_;
  bool shown_ = false;
};

/// One line for people on stderr.
void say(const std::string& line);

}  // namespace kpd

#include "kpd/commands/command.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "cps/card_file.h"
#include "cps/slot.h"
#include "kpd/area/operators.h"
#include "kpd/certificates/job_certificates.h"
#include "kpd/config/yaml_reader.h"
#include "kpd/keys/pin_source.h"
#include "kpd/plan/compile.h"

namespace kpd {
namespace {

/// No core dump of this process and no other process looking into it: it may hold a secret.
void forbid_dumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/// Keeps this process out of swap. Only where there is no limit on locked memory: elsewhere every
/// allocation beyond the limit would fail, and small secrets are locked one by one anyway.
void lock_memory() {
#ifndef __SANITIZE_ADDRESS__
  rlimit limit{};
  const bool free =
      geteuid() == 0 || (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY);
  if (free) mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
#endif
}

int fail(ExitCode code, const std::string& what) {
  std::cerr << "kpd: " << what << "\n";
  return static_cast<int>(code);
}

/// What CLI11 says of a wrong option, without the value of one that should name a descriptor: who
/// wrote a PIN or a key there finds it in no log.
std::string usage_text(const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::size_t end = text.find("-fd");
  const std::size_t start = end == text.npos ? end : text.rfind("--", end);
  const bool has_value =
      error.get_name() == "ConversionError" || error.get_name() == "ValidationError";
  if (start == text.npos || !has_value) return text;
  return text.substr(start, end - start) +
         "-fd: expected the number of an open descriptor, never the secret itself";
}

/// Production keys and test jobs stay apart, and the other way round.
void check_side(const std::filesystem::path& job_file, const Area& area, const Plan& plan) {
  if (area.test() && !plan.test)
    throw ConfigError(job_file.string() +
                      ": a production job cannot run in a test area: its keys are public");
  if (!area.test() && plan.test)
    throw Failure(ExitCode::hold,
                  job_file.string() +
                      ": a test job cannot run in a production area: it would sign with "
                      "production keys, under test keys and with serials of nobody's. Run it in a "
                      "test area (kpd init), or write 'test: false' in it");
}

int run_guarded(const std::function<ExitCode()>& action) {
  try {
    return static_cast<int>(action());
  } catch (const Failure& failure) {
    return fail(failure.code(), failure.what());
  } catch (const hsm::SetupError& error) {
    return fail(ExitCode::hold, error.what());
  } catch (const hsm::Error& error) {
    return fail(ExitCode::away, error.what());
  } catch (const cps::SlotGone& error) {
    return fail(ExitCode::away, error.what());
  } catch (const cps::FileError& error) {
    return fail(ExitCode::hold, error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(ExitCode::io, error.what());
  } catch (const std::bad_alloc&) {
    return fail(ExitCode::internal, "out of memory");
  } catch (const std::exception& error) {
    return fail(ExitCode::internal,
                std::string(error.what()) + " (this is a defect of kpd: please report it)");
  }
}

}  // namespace

int run_command_line(int argc, char** argv) {
  forbid_dumps();
  lock_memory();
  std::signal(SIGPIPE, SIG_IGN);  // a pipe or file that takes no more is an error of write()
  std::signal(SIGXFSZ, SIG_IGN);

  CLI::App app{"KPD prepares data for EMV chip cards and personalises them.", "kpd"};
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every command");
  app.set_version_flag("--version", KPD_VERSION);
  app.footer(
      "Start with:  kpd init demo && kpd run demo/job.yaml\n"
      "Exit codes: 0 done, 64 usage, 65 a person must look, 69 device away, 70 defect of kpd, "
      "74 input/output, 75 try again, 76 fenced");
  Invocation invocation;
  add_init(app, invocation);
  add_hsm(app, invocation);
  add_run(app, invocation);
  add_stages(app, invocation);
  add_load(app, invocation);
  add_serve(app, invocation);
  add_books(app, invocation);
  add_verify(app, invocation);
  add_inspect(app, invocation);
  add_chip(app, invocation);
  add_template(app, invocation);
  add_cert(app, invocation);
  add_ca(app, invocation);
  add_key(app, invocation);
  add_pool(app, invocation);
  add_bench(app, invocation);
  add_script(app, invocation);
  add_machine(app, invocation);
  add_station(app, invocation);
  add_calc(app, invocation);
  if (argc == 1) {
    std::cout << app.help();
    return static_cast<int>(ExitCode::usage);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (const std::string text = usage_text(error); text != error.what())
      return fail(ExitCode::usage, text + ". Run with --help for more information.");
    const int shown = app.exit(error, std::cout, std::cerr);
    return shown == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  return run_guarded(invocation.action);
}

void add_pin_option(CLI::App& command, Invocation& invocation) {
  command.add_option("--pin-fd", invocation.pin_descriptor,
                     "Read the token's PIN, one line, from this descriptor (else it is asked for)");
}

void add_json_option(CLI::App& command, Invocation& invocation) {
  command.add_flag("--json", invocation.json, "Print the result as JSON on standard output");
}

std::unique_ptr<hsm::PinSource> make_pin_source(const Invocation& invocation) {
  if (invocation.pin_descriptor >= 0)
    return std::make_unique<DescriptorPin>(invocation.pin_descriptor);
  return std::make_unique<PromptedPin>();
}

Area area_of_job(const std::filesystem::path& job_file) {
  YamlMap job = read_yaml(job_file, "job");
  return Area::read(job_file.parent_path() / job.text("area", "area.yaml"));
}

OpenJob open_job(const std::filesystem::path& job_file, const Invocation& invocation) {
  OpenJob job{area_of_job(job_file), make_pin_source(invocation), nullptr, {}};
  job.token = job.area.open(kPreparation, *job.pins);
  CompiledJob compiled = examine_job(job_file, job.token.get());
  compiled.mistakes.throw_if_any();
  job.plan = std::move(compiled.plan);
  require_operator(job_file, job.plan);
  check_side(job_file, job.area, job.plan);
  for (const Mistake& mistake : compiled.mistakes.all())
    if (mistake.id == kEndingCertificate) say("warning: " + mistake.line());
  return job;
}

ProgressLine::ProgressLine(std::string verb)
    : verb_(std::move(verb)), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::cerr << "\r\033[K" << std::flush;
}

void ProgressLine::print(const std::string& text) {
  if (!terminal_) return;
  std::cerr << "\r\033[K" << text << std::flush;
  shown_ = true;
}

void ProgressLine::show(const Books& books) {
  print(fmt::format("{} {} cards, {} rejected", verb_, books.cards, books.rejects));
}

void ProgressLine::show(std::uint64_t done, std::uint64_t of) {
  constexpr std::uint64_t kWidth = 30;
  const std::uint64_t filled = of == 0 ? 0 : kWidth * done / of;
  print(fmt::format("{} [{}{}] {}/{}", verb_, std::string(filled, '#'),
                    std::string(kWidth - filled, '.'), done, of));
}

void say(const std::string& line) {
  std::cerr << line << "\n";
}

}  // namespace kpd

// kpd serve: packages on the machines of a server, each by its task.
#include "kpd/serve/serve.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "kpd/commands/command.h"
#include "kpd/commands/live_screen.h"
#include "kpd/commands/script_arguments.h"
#include "kpd/commands/station_log.h"
#include "kpd/commands/stop_signal.h"
#include "kpd/keyring/terminal_desk.h"
#include "kpd/serve/ask_parameters.h"
#include "kpd/serve/open_slots.h"
#include "kpd/serve/packages.h"
#include "kpd/station/live_view.h"

namespace kpd {
namespace {

constexpr std::chrono::seconds kLook{1};

struct ServeArguments {
  std::string server, log, watch;
  std::vector<std::string> packages, given;
};

/// The operator at the terminal.
std::string ask(const TaskParameter& parameter) {
  TerminalDesk desk;
  return desk.ask(parameter.prompt + ": ");
}

std::vector<Task> read_tasks(const ServerConfig& config) {
  std::vector<Task> tasks;
  for (const auto& file : config.tasks) {
    tasks.push_back(read_task(file));
    (void)config.machine(tasks.back().machine);
  }
  return tasks;
}

nlohmann::ordered_json to_json(const PackageEnd& end) {
  return {{"package", end.file},
          {"machine", end.machine},
          {"task", end.task},
          {"loaded", end.totals.loaded},
          {"failed", end.totals.failed},
          {"doubt", end.totals.doubt},
          {"before", end.totals.before},
          {"untouched", end.totals.untouched},
          {"stopped", end.totals.stopped_because},
          {"failure", end.failure}};
}

std::string text_of(const PackageEnd& end) {
  std::string text =
      fmt::format("{} on {}: {} loaded, {} failed ({} in doubt), {} untouched, {} passed over",
                  end.file, end.machine, end.totals.loaded, end.totals.failed, end.totals.doubt,
                  end.totals.untouched, end.totals.before);
  if (!end.totals.stopped_because.empty()) text += "; stopped: " + end.totals.stopped_because;
  if (!end.failure.empty()) text += "; broken off: " + end.failure;
  return text;
}

/// Waits for the machines at its end.
struct Finish {
  Server& server;
  ~Finish() { server.finish(); }
};

/// One run of the command.
class Service {
 public:
  Service(const ServeArguments& arguments, const Invocation& invocation)
      : arguments_(arguments),
        json_(invocation.json),
        config_(read_server_config(arguments.server)),
        tasks_(read_tasks(config_)),
        given_(ScriptArguments{{}, arguments.given}.parameters()),
        area_(Area::read(config_.area)),
        log_(arguments.log) {
    if (!arguments.watch.empty()) folder_.emplace(arguments.watch);
    if (arguments.packages.empty() && !folder_)
      throw Failure(ExitCode::usage, "no package: name card files, or a folder with --watch");
    for (const std::string& package : arguments_.packages) first_.push_back(job_for(package));
    pins_ = make_pin_source(invocation);
  }

  ExitCode run() {
    const StopSignal stop;
    {
      Server server(parts());
      LiveScreen screen([&](std::size_t width) { return lines(server, width); });
      screen_ = &screen;
      const Finish finish{server};  // before the screen goes, whatever happens
      for (PackageJob& job : first_) server.add(std::move(job));
      if (folder_) watch(server);
    }
    if (json_) std::cout << ends_.dump(2) << "\n";
    return good_ ? ExitCode::done : ExitCode::hold;
  }

 private:
  /// The package with its task; the operator is asked what the task wants to know, once a task.
  PackageJob job_for(const std::string& file) {
    const std::string type = package_type(file);
    const Task& task = task_for(tasks_, type);
    auto known = parameters_.find(&task);
    if (known == parameters_.end())
      known = parameters_.emplace(&task, task_parameters(task, given_, ask)).first;
    return {file, type, &task, known->second};
  }

  ServeParts parts() {
    return {config_,
            area_.open(kPersonaliser, *pins_),
            area_.windows(),
            area_.key_roles(),
            area_.books(),
            open_slots,
            StopSignal::came,
            [this](const PackageJob&, const StationResult& result) { card_done(result); },
            [this](const PackageEnd& end) { package_done(end); },
            [this](const std::string& line) { screen_->say(line); }};
  }

  void card_done(const StationResult& result) {
    log_.write(result);
    if (result.result.outcome != cps::LoadOutcome::done) screen_->say(describe(result));
  }

  void package_done(const PackageEnd& end) {
    good_ = good_ && end.good();
    ends_.push_back(to_json(end));
    screen_->say(text_of(end));
    if (!folder_ || StopSignal::came()) return;
    try {
      folder_->put_away(end.file, end.good());
    } catch (const Failure& failure) {
      screen_->say(failure.what());
    }
  }

  void watch(Server& server) {
    while (!StopSignal::came()) {
      for (const std::string& file : folder_->fresh()) {
        try {
          server.add(job_for(file));
        } catch (const std::exception& error) {
          good_ = false;
          screen_->say(file + ": " + error.what());
        }
      }
      std::this_thread::sleep_for(kLook);
    }
  }

  static std::vector<std::string> lines(const Server& server, std::size_t width) {
    std::vector<std::string> all;
    for (const MachineNow& machine : server.now()) {
      const auto some = live_lines({machine.machine + ": " + machine.file, machine.board->now(), 0,
                                    machine.start, std::chrono::steady_clock::now()},
                                   width);
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }

  const ServeArguments& arguments_;
  bool json_;
  ServerConfig config_;
  std::vector<Task> tasks_;
  std::map<std::string, std::string> given_;
  Area area_;
  std::unique_ptr<hsm::PinSource> pins_;
  StationLog log_;
  std::optional<PackageFolder> folder_;
  std::map<const Task*, std::map<std::string, std::string>> parameters_;
  std::vector<PackageJob> first_;
  LiveScreen* screen_ = nullptr;
  nlohmann::ordered_json ends_ = nlohmann::ordered_json::array();
  bool good_ = true;
};

}  // namespace

void add_serve(CLI::App& app, Invocation& invocation) {
  auto arguments = std::make_shared<ServeArguments>();
  CLI::App* command = app.add_subcommand(
      "serve", "Personalise packages on any number of machines, each by its task");
  command->add_option("SERVER", arguments->server, "Server file: machines, stations, tasks")
      ->required();
  command->add_option("PACKAGE", arguments->packages, "Card files to work on");
  command->add_option("--watch", arguments->watch,
                      "Take packages (*.cps) that are put into this folder, until Ctrl-C");
  command->add_option("--parameter", arguments->given,
                      "NAME=VALUE for what tasks would ask the operator");
  command->add_option("--log", arguments->log, "Append one JSON line a card to this file");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "Example:  kpd serve demo/server.yaml demo/out/batch.cps\n"
      "Ends with 65 when a card failed or a package was stopped.");
  command->callback([arguments, &invocation] {
    invocation.action = [arguments, &invocation] { return Service(*arguments, invocation).run(); };
  });
}

}  // namespace kpd

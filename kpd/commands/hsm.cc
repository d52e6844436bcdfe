// kpd hsm doctor: what the device really does, and the way of each secret of a job.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/commands/command.h"
#include "kpd/device/doctor.h"

namespace kpd {
namespace {

using Json = nlohmann::ordered_json;

struct DoctorOptions {
  std::string area = ".", party = std::string(kPreparation), job;
};

std::string route_text(const Routes& routes, const SecretRoute& route, const WindowPolicy& policy) {
  if (!route.possible) return "impossible";
  if (routes.inside(route.kind)) return "in device";
  return allowed(policy, route.kind) ? "host window" : "refused";
}

/// Those of one kind go one way: one that could stay inside goes with the others.
std::string reason_text(const SecretRoute& route) {
  return route.why.empty() ? "another secret of its kind needs the window" : route.why;
}

Json to_json(const Diagnosis& found, const Area& area, const Plan* plan) {
  Json json{{"device", area.device().title},
            {"token",
             {{"library", found.token.library},
              {"manufacturer", found.token.manufacturer},
              {"model", found.token.model},
              {"serial", found.token.serial},
              {"firmware", found.token.firmware}}}};
  json["probes"] = Json::array();
  for (const Finding& finding : found.findings)
    json["probes"].push_back({{"group", finding.probe.group},
                              {"name", finding.probe.name},
                              {"works", finding.answer.works},
                              {"listed", finding.listed},
                              {"verdict", finding.verdict()},
                              {"detail", finding.answer.detail}});
  json["speeds"] = Json::object();
  for (const hsm::Speed& speed : found.speeds) json["speeds"][speed.operation] = speed.per_second;
  json["limits"] = found.limits;
  if (plan == nullptr) return json;
  json["secrets"] = Json::array();
  for (const SecretRoute& route : found.routes->secrets()) {
    const std::string way = route_text(*found.routes, route, plan->windows);
    json["secrets"].push_back({{"kind", window_name(route.kind)},
                               {"place", route.place},
                               {"secret", route.secret},
                               {"path", way},
                               {"why", way == "in device" ? "" : reason_text(route)},
                               {"help", way == "in device" ? "" : route.help}});
  }
  return json;
}

void print_probes(const Diagnosis& found) {
  std::string group;
  for (const Finding& finding : found.findings) {
    if (finding.probe.group != group) std::cout << fmt::format("\n{}\n", finding.probe.group);
    group = finding.probe.group;
    const std::string line = fmt::format("  {:<22} {}", finding.verdict(), finding.probe.name);
    std::cout << (finding.answer.detail.empty()
                      ? line
                      : fmt::format("{:<66} {}", line, finding.answer.detail))
              << "\n";
  }
  std::cout << "\nspeed (one thread)\n";
  for (const hsm::Speed& speed : found.speeds)
    std::cout << fmt::format("  {:>10.0f}/s  {}\n", speed.per_second, speed.operation);
  std::cout << "\nwhat cannot be done or checked inside\n";
  for (const std::string& limit : found.limits) std::cout << "  " << limit << "\n";
}

void print_routes(const Diagnosis& found, const Plan& plan) {
  std::cout << fmt::format("\nsecrets of job '{}'\n", plan.job);
  for (const SecretRoute& route : found.routes->secrets()) {
    const std::string way = route_text(*found.routes, route, plan.windows);
    std::cout << fmt::format("  {:<11} {}: {} ({})\n", way, route.place, route.secret,
                             window_name(route.kind));
    if (way == "in device") continue;
    std::cout << fmt::format("              {}{}\n", reason_text(route),
                             route.help.empty() ? "" : "; " + route.help);
  }
}

ExitCode doctor(const DoctorOptions& options, const Invocation& invocation) {
  std::optional<OpenJob> job;
  std::optional<Area> alone;
  std::unique_ptr<hsm::PinSource> pins;
  if (!options.job.empty()) {
    if (options.party != kPreparation)
      throw Failure(ExitCode::usage, "a job's secrets pass the party 'preparation'");
    job.emplace(open_job(options.job, invocation));
  } else {
    alone.emplace(Area::read(options.area));
    pins = make_pin_source(invocation);
  }
  Area& area = job ? job->area : *alone;
  const auto token = job ? job->token : area.open(options.party, *pins);
  const Plan* plan = job ? &job->plan : nullptr;
  const Diagnosis found = diagnose(*token, area.device(), plan);
  keep_answers(area.folder(), *token, area.device(), answers_of(found));
  if (invocation.json) {
    std::cout << to_json(found, area, plan).dump(2) << "\n";
    return ExitCode::done;
  }
  std::cout << fmt::format("{}: {} {}, firmware {}, token {}\n{}\n", area.device().title,
                           found.token.manufacturer, found.token.model, found.token.firmware,
                           token->label(), found.token.library);
  print_probes(found);
  if (plan != nullptr) print_routes(found, *plan);
  return ExitCode::done;
}

}  // namespace

void add_hsm(CLI::App& app, Invocation& invocation) {
  CLI::App* group = app.add_subcommand("hsm", "The device: what it can do, and what jobs need");
  group->require_subcommand(1);
  group->footer("Example:  kpd hsm doctor --area demo --job demo/job.yaml");
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command = group->add_subcommand(
      "doctor", "Try what the device really does; say which way each secret of a job takes");
  command->add_option("--area", options->area,
                      "Work area: its folder or its area.yaml (default: here)");
  command->add_option("--party", options->party, "Whose token")->capture_default_str();
  command->add_option("--job", options->job, "A job: tell the way of each of its secrets");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "What is found is kept in device-cache.json beside the area and believed by later runs, as\n"
      "long as library, token and profile are the same.\n"
      "Example:  kpd hsm doctor --area demo --job demo/job.yaml");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return doctor(*options, invocation); };
  });
}

}  // namespace kpd

// kpd init: a work area from nothing.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/area/area_plan.h"
#include "kpd/area/area_register.h"
#include "kpd/area/operators.h"
#include "kpd/area/test_area.h"
#include "kpd/commands/command.h"
#include "kpd/files/resources.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

void report_area(const AreaReport& report, const fs::path& folder, bool json) {
  if (json) {
    nlohmann::ordered_json keys = nlohmann::ordered_json::array();
    for (const auto& key : report.keys)
      keys.push_back({{"role", key.role}, {"kcv", key.kcv}, {"holders", key.holders}});
    std::cout << nlohmann::ordered_json{{"folder", folder.string()},
                                        {"keys", keys},
                                        {"authorities", report.authorities},
                                        {"issuers", report.issuers}}
                     .dump(2)
              << "\n";
    return;
  }
  say(fmt::format("{}: a work area with test keys", folder.string()));
  say("  key        KCV     held by");
  for (const auto& key : report.keys)
    say(fmt::format("  {:<10} {}  {}", key.role, key.kcv, key.holders));
  say(fmt::format("  issuers certified: {}", fmt::join(report.issuers, ", ")));
  say(fmt::format("Next:  kpd run {}", (folder / "job.yaml").string()));
}

/// The first job is the starter's, but for devices that need one of their own.
fs::path example_for(const fs::path& from, const std::string& device) {
  const fs::path own = from / "examples" / ("starter-" + device);
  return !device.empty() && fs::exists(own) ? own : from / "examples/starter";
}

}  // namespace

void add_init(CLI::App& app, Invocation& invocation) {
  struct Options {
    std::string folder, from, device;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "init", "Make a work area: tokens, test keys, test CA, issuer certificates, a first job");
  command->add_option("DIR", options->folder, "Folder to make")->required();
  command->add_option("--from", options->from,
                      "Folder with templates/ and examples/starter/ (default: what came with kpd)");
  command->add_option("--device", options->device,
                      "Device profile, by its name in templates/devices (default: the plan's)");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "The PIN that is asked for becomes the PIN of every token in the area.\n"
      "Example:  kpd init demo\n          kpd init demo --device nss-softoken");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      const fs::path folder = options->folder;
      const fs::path from = options->from.empty() ? resource_folder() : fs::path(options->from);
      const auto pins = make_pin_source(invocation);
      const fs::path example = example_for(from, options->device);
      const AreaReport report =
          make_test_area(folder, example / "area-plan.yaml", *pins, options->device);
      register_test_keys(Area::read(folder / "area.yaml"),
                         read_area_plan(example / "area-plan.yaml"), report, current_actor());
      fs::copy(from / "templates", folder / "templates", fs::copy_options::recursive);
      fs::copy(from / "examples/starter/data", folder / "data", fs::copy_options::recursive);
      fs::copy(example / "job.yaml", folder / "job.yaml");
      for (const char* file : {"server.yaml", "task.yaml"})  // a plan of one's own may have none
        if (fs::exists(from / "examples/starter" / file))
          fs::copy(from / "examples/starter" / file, folder / file);
      report_area(report, folder, invocation.json);
      return ExitCode::done;
    };
  });
}

}  // namespace kpd

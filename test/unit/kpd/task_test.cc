#include "kpd/serve/task.h"

#include <catch2/catch.hpp>

#include "kpd/serve/ask_parameters.h"
#include "kpd/serve/packages.h"
#include "kpd/serve/server_config.h"
#include "test/unit/support/temp_folder.h"

using namespace kpd;
using Catch::Matchers::Contains;
using kpd_test::TempFolder;

namespace {

const std::string kTask =
    "kind: task\ntitle: Cards\npackages: [starter, \"bank-*\"]\nmachine: line-1\n";

std::string mistakes_of(const std::string& text) {
  const TempFolder folder;
  try {
    read_task(folder.write("task.yaml", text));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

Task task_of(const std::vector<std::string>& packages, const std::string& name) {
  Task task;
  task.packages = packages;
  task.file = name;
  return task;
}

}  // namespace

TEST_CASE("a task says how its packages are made") {
  const TempFolder folder;
  folder.write("own.lua", "function personalise() end\n");
  const Task task = read_task(folder.write(
      "task.yaml", kTask + "scripts: {default: cps, GOLD: own.lua}\n"
                           "parameters:\n  - {name: delete, value: \"yes\"}\n"
                           "  - {name: delivery, ask: Number of the delivery}\n"
                           "secure_channel: {protocols: [scp03], least_level: mac_and_encryption}\n"
                           "retry: {chips: 3, failures_in_a_row: 0}\nwait_seconds: 5\n"
                           "one_dgi_per_command: true\n"));
  CHECK(task.machine == "line-1");
  REQUIRE(task.scripts.size() == 2);
  CHECK(task.scripts.contains(""));
  CHECK_THAT(task.scripts.at("GOLD").text, Contains("personalise"));
  CHECK_FALSE(task.channels.scp02);
  CHECK(task.channels.scp03);
  CHECK(task.channels.least_level == 0x03);
  CHECK(task.retry.chips == 3);
  CHECK(task.retry.failures_in_a_row == 0);
  CHECK(task.wait_seconds == 5);
  CHECK(task.one_dgi);

  int asked = 0;
  const auto ask = [&](const TaskParameter& parameter) {
    ++asked;
    return "answer to " + parameter.prompt;
  };
  auto values = task_parameters(task, {}, ask);
  CHECK(values.at("delete") == "yes");
  CHECK(values.at("delivery") == "answer to Number of the delivery");
  CHECK(task_parameters(task, {{"delivery", "17"}}, ask).at("delivery") == "17");
  CHECK(asked == 1);
}

TEST_CASE("a mistake in a task is told with its place") {
  CHECK(mistakes_of(kTask) == "");
  CHECK_THAT(mistakes_of("kind: task\ntitle: A\npackages: []\nmachine: m\n"),
             Contains("task.yaml:3") && Contains("without packages"));
  CHECK_THAT(mistakes_of("kind: task\ntitle: A\npackages: [\"a*b\"]\nmachine: m\n"),
             Contains("no type of packages"));
  CHECK_THAT(mistakes_of(kTask + "scripts: {default: nowhere.lua}\n"), Contains("task.yaml:5"));
  CHECK_THAT(mistakes_of(kTask + "parameters:\n  - {name: a}\n"), Contains("'value' and 'ask'"));
  CHECK_THAT(mistakes_of(kTask + "parameters:\n  - {name: a, value: 1}\n  - {name: a, ask: x}\n"),
             Contains("another parameter"));
  CHECK_THAT(mistakes_of(kTask + "retry: {chips: 0}\n"), Contains("task.yaml:5"));
  CHECK_THAT(mistakes_of(kTask + "colour: red\n"), Contains("colour"));
}

TEST_CASE("the type of a package finds its task") {
  const std::vector<Task> tasks{task_of({"bank-*"}, "bank"), task_of({"bank-gold-*"}, "gold"),
                                task_of({"bank-gold-1"}, "one"), task_of({"twice-*"}, "first"),
                                task_of({"twice-*"}, "second")};
  CHECK(task_for(tasks, "bank-silver").file == "bank");
  CHECK(task_for(tasks, "bank-gold-2").file == "gold");
  CHECK(task_for(tasks, "bank-gold-1").file == "one");
  CHECK(takes(tasks[0], "bank-"));
  CHECK_FALSE(takes(tasks[0], "bank"));
  CHECK_THROWS_WITH(task_for(tasks, "other"), Contains("no task takes packages of type 'other'"));
  CHECK_THROWS_WITH(task_for(tasks, "twice-1"), Contains("first") && Contains("second"));
}

TEST_CASE("a server has machines, stations and tasks") {
  const TempFolder folder;
  const ServerConfig config = read_server_config(folder.write(
      "server.yaml",
      "kind: server\nmachines:\n  - name: m1\n    conveyor: true\n    stations:\n"
      "      - {reader: A}\n      - {host: \"h:1\", tls: tls}\n      - {pcscd: p.comm}\n"
      "tasks: [t.yaml]\n"));
  REQUIRE(config.machines.size() == 1);
  CHECK(config.machine("m1").conveyor);
  CHECK(config.machine("m1").stations.at(1).tls == folder.path() / "tls");
  CHECK(config.machine("m1").stations.at(2).pcscd == folder.path() / "p.comm");
  CHECK(config.tasks.at(0) == folder.path() / "t.yaml");
  CHECK(config.area == folder.path() / "area.yaml");
  CHECK_THROWS_AS(config.machine("m2"), Failure);

  const auto mistake = [&](const std::string& text) -> std::string {
    try {
      read_server_config(folder.write("bad.yaml", text));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "";
  };
  const std::string start = "kind: server\ntasks: [t]\nmachines:\n";
  CHECK_THAT(mistake(start + "  - {name: a, stations: [{host: \"h:1\"}]}\n"), Contains("TLS"));
  CHECK_THAT(mistake(start + "  - {name: a, stations: [{host: x, tls: t, pcscd: p}]}\n"),
             Contains("'host' or 'pcscd'"));
  CHECK_THAT(mistake(start + "  - {name: a, stations: []}\n"), Contains("without stations"));
  CHECK_THAT(mistake(start + "  - {name: a, stations: [{}]}\n  - {name: a, stations: [{}]}\n"),
             Contains("another machine"));
}

TEST_CASE("a folder of packages gives each once and puts it away") {
  const TempFolder folder;
  PackageFolder packages(folder.path());
  folder.write("b.cps", "");
  folder.write("a.cps", "");
  folder.write("a.part", "");
  const std::string a = folder.path() / "a.cps", b = folder.path() / "b.cps";
  CHECK(packages.fresh() == std::vector<std::string>{a, b});
  CHECK(packages.fresh().empty());
  packages.put_away(a, true);
  packages.put_away(b, false);
  CHECK(std::filesystem::exists(folder.path() / "done/a.cps"));
  CHECK(std::filesystem::exists(folder.path() / "held/b.cps"));
  folder.write("a.cps", "");
  CHECK(packages.fresh() == std::vector<std::string>{a});
  CHECK_THROWS_AS(packages.put_away(a, true), Failure);
  CHECK(std::filesystem::exists(a));
}

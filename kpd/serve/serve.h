/// A personalisation server's work: packages on machines, by their tasks.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hsm/token.h"
#include "kpd/serve/server_config.h"
#include "kpd/serve/task.h"
#include "kpd/station/load_station.h"

namespace kpd {

/// A package on its way: a card file and what is done with it.
struct PackageJob {
  std::string file;
  std::string type;
  const Task* task = nullptr;
  std::map<std::string, std::string> parameters;  ///< of the task, the asked ones too
};

/// How a package ended.
struct PackageEnd {
  std::string file, machine, task;
  StationTotals totals;
  std::string failure;  ///< why it broke off; empty: see the totals
  bool good() const {
    return failure.empty() && totals.failed == 0 && totals.stopped_because.empty();
  }
};

/// What a server works with.
struct ServeParts {
  const ServerConfig& config;
  std::shared_ptr<hsm::Token> token;
  WindowPolicy windows;
  KeyRoles key_roles;
  std::filesystem::path books;
  /// Opens the stations of a machine: once a machine and run.
  std::function<std::vector<SlotPlace>(const ServerMachine&)> slots;
  std::function<bool()> stop_wanted;
  /// One card, one package: one at a time over all machines.
  std::function<void(const PackageJob&, const StationResult&)> card_done;
  std::function<void(const PackageEnd&)> package_done;
  std::function<void(const std::string&)> log;  ///< what scripts say
};

/// A machine's work, as displays see it.
struct MachineNow {
  std::string machine, file;
  std::shared_ptr<StationBoard> board;
  std::chrono::steady_clock::time_point start;
};

/// The type of a package, from its header. Throws cps::FileError or Failure(io).
std::string package_type(const std::string& file);

/// Machines side by side, each with its packages one after the other. Thread-safe.
class Server {
 public:
  explicit Server(ServeParts parts);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Puts a package into the queue of its task's machine.
  void add(PackageJob job);

  /// Waits until every package has ended, or the caller wants to stop.
  void finish();

  /// What the machines are doing now.
  std::vector<MachineNow> now() const;

 private:
  class Machine;

  ServeParts parts_;
  std::mutex report_mutex_;
  std::vector<std::unique_ptr<Machine>> machines_;
};

}  // namespace kpd

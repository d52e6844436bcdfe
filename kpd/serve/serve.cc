#include "kpd/serve/serve.h"

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

#include "cps/card_source.h"
#include "kpd/exit_code.h"

namespace kpd {
std::string package_type(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Failure(ExitCode::io, file + ": the package cannot be opened");
  return cps::open_card_file(in)->header().job;
}

/// One machine: a thread that takes its packages in their order.
class Server::Machine {
 public:
  Machine(const ServeParts& parts, const ServerMachine& machine, std::mutex& report)
      : parts_(parts), machine_(machine), report_mutex_(report), thread_([this] { run(); }) {}

  ~Machine() {
    finish();
    thread_.join();
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  const std::string& name() const { return machine_.name; }

  void add(PackageJob job) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(std::move(job));
    }
    changed_.notify_all();
  }

  /// No more packages come.
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      finishing_ = true;
    }
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_; });
  }

  MachineNow now() const {
    const std::lock_guard lock(mutex_);
    return now_;
  }

 private:
  void run() {
    while (const auto job = next()) work(*job);
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  std::optional<PackageJob> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return finishing_ || !waiting_.empty(); });
    if (waiting_.empty() || (parts_.stop_wanted && parts_.stop_wanted())) return std::nullopt;
    PackageJob job = std::move(waiting_.front());
    waiting_.pop_front();
    return job;
  }

  StationOptions options_for(const PackageJob& job) {
    StationOptions options;
    if (!slots_) slots_ = parts_.slots(machine_);
    options.slots = *slots_;
    options.conveyor = machine_.conveyor;
    options.card_seconds = job.task->wait_seconds;
    options.load.profile.one_dgi_per_command = job.task->one_dgi;
    options.load.channels = job.task->channels;
    options.windows = parts_.windows;
    options.key_roles = parts_.key_roles;
    options.scripts = job.task->scripts;
    options.parameters = job.parameters;
    options.script_log = parts_.log;
    options.books = parts_.books;
    options.retry = job.task->retry;
    options.stop_wanted = parts_.stop_wanted;
    return options;
  }

  void work(const PackageJob& job) {
    PackageEnd end{job.file, machine_.name, job.task->title, {}, {}};
    auto board = std::make_shared<StationBoard>();
    {
      const std::lock_guard lock(mutex_);
      now_ = {machine_.name, job.file, board, std::chrono::steady_clock::now()};
    }
    try {
      end.totals = load_cards(job.file, {}, parts_.token, options_for(job), *board,
                              [&](const StationResult& result) {
                                const std::lock_guard lock(report_mutex_);
                                parts_.card_done(job, result);
                              });
      if (!end.totals.gone_readers.empty()) slots_.reset();  // found anew for the next package
    } catch (const std::exception& error) {
      end.failure = error.what();
      slots_.reset();
    }
    {
      const std::lock_guard lock(mutex_);
      now_ = {};
    }
    const std::lock_guard lock(report_mutex_);
    parts_.package_done(end);
  }

  const ServeParts& parts_;
  const ServerMachine& machine_;
  std::mutex& report_mutex_;  ///< of all machines
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<PackageJob> waiting_;
  bool finishing_ = false, ended_ = false;
  MachineNow now_;
  std::optional<std::vector<SlotPlace>> slots_;  ///< of this thread alone
  std::thread thread_;
};

Server::Server(ServeParts parts) : parts_(std::move(parts)) {
  for (const ServerMachine& machine : parts_.config.machines)
    machines_.push_back(std::make_unique<Machine>(parts_, machine, report_mutex_));
}

Server::~Server() = default;

void Server::add(PackageJob job) {
  for (const auto& machine : machines_)
    if (machine->name() == job.task->machine) return machine->add(std::move(job));
  throw Failure(ExitCode::usage, job.task->file.string() + ": the server has no machine '" +
                                     job.task->machine + "'");
}

void Server::finish() {
  for (const auto& machine : machines_) machine->finish();
  for (const auto& machine : machines_) machine->wait();
}

std::vector<MachineNow> Server::now() const {
  std::vector<MachineNow> all;
  for (const auto& machine : machines_)
    if (MachineNow now = machine->now(); now.board) all.push_back(std::move(now));
  return all;
}

}  // namespace kpd

#include "kpd/remote/local_station.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <system_error>
#include <thread>

#include "kpd/chip/descriptor.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;
using chip::Descriptor;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kPcscdVariable = "PCSCLITE_CSOCK_NAME=";
constexpr milliseconds kStartPatience{15'000}, kEndPatience{5'000}, kPoll{10};
/// A child that went away does not come back.
constexpr milliseconds kLinkPatience{1'000};
constexpr int kExecutionFailed = 127;

/// Everything that the child needs, made before the fork: afterwards only async-signal-safe calls
/// are allowed.
struct Plan {
  std::string program, socket;
  std::vector<std::string> environment;
  std::vector<char*> arguments, variables;
  pid_t parent = ::getpid();
};

Plan make_plan(const fs::path& program, const fs::path& pcscd, const fs::path& socket) {
  Plan plan{program.string(), socket.string(), {}, {}, {}};
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (!std::string_view(*entry).starts_with(kPcscdVariable))
      plan.environment.emplace_back(*entry);
  plan.environment.push_back(std::string(kPcscdVariable) + pcscd.string());
  return plan;
}

void point_at_strings(Plan& plan) {
  static char name[] = "kpd", command[] = "station", option[] = "--unix", quiet[] = "--quiet",
              own_folder[] = "--own-folder";
  plan.arguments = {name, command, option, plan.socket.data(), quiet, own_folder, nullptr};
  for (std::string& entry : plan.environment) plan.variables.push_back(entry.data());
  plan.variables.push_back(nullptr);
}

[[noreturn]] void run_child(const Plan& plan, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != plan.parent) ::_exit(kExecutionFailed);  // it ended before the line above
  ::setpgid(0, 0);  // Ctrl-C is for the parent, which still needs the cards
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int in = ::open("/dev/null", O_RDONLY);
  if (in < 0 || ::dup2(in, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0)
    ::_exit(kExecutionFailed);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::execve(plan.program.c_str(), plan.arguments.data(), plan.variables.data());
  ::_exit(kExecutionFailed);
}

pid_t start_child(Plan& plan, int output) {
  point_at_strings(plan);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) run_child(plan, output);
  return child;
}

/// Whether a whole line comes in time; it says that the child listens.
bool await_line(int fd) {
  const auto end = Clock::now() + kStartPatience;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now());
    pollfd waiting{fd, POLLIN, 0};
    if (left.count() <= 0) return false;
    if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
    char c = 0;
    const ssize_t got = ::read(fd, &c, 1);
    if (got == 0 || (got < 0 && errno != EINTR)) return false;
    if (got == 1 && c == '\n') return true;
  }
}

}  // namespace

std::shared_ptr<LocalStation> LocalStation::start(const fs::path& pcscd_socket,
                                                  const fs::path& program) {
  std::shared_ptr<LocalStation> station(new LocalStation);
  std::string folder = (fs::temp_directory_path() / "kpd-station-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr)  // mode 0700
    throw std::system_error(errno, std::generic_category(), folder);
  station->folder_ = folder;
  station->socket_ = station->folder_ / "socket";
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  Plan plan = make_plan(program, fs::absolute(pcscd_socket), station->socket_);
  station->pid_ = start_child(plan, writing.get());
  writing = Descriptor();
  if (!await_line(reading.get()))
    throw cps::SlotGone("the readers behind " + pcscd_socket.string() + " cannot be reached");
  return station;
}

std::vector<SlotPlace> LocalStation::places(const std::string& label) const {
  return station_slots({"unix:" + socket_.string(), {}, label, kLinkPatience, shared_from_this()});
}

LocalStation::~LocalStation() {
  stop();
}

void LocalStation::stop() noexcept {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    const auto end = Clock::now() + kEndPatience;
    while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (Clock::now() >= end) ::kill(pid_, SIGKILL);
      std::this_thread::sleep_for(kPoll);
    }
  }
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

}  // namespace kpd

#include "kpd/chip/pcscd_process.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include "kpd/chip/descriptor.h"

namespace kpd::chip {
namespace {

namespace fs = std::filesystem;

constexpr int kFirstHandedOver = 3;  // sd_listen_fds(3)
constexpr const char* kRun = "/run";
constexpr const char* kRunPcscd = "/run/pcscd";
constexpr const char* kMachineSocket = "/run/pcscd/pcscd.comm";

/// Where the child stopped, told to the parent through a pipe.
enum class Step : int { namespaces, output, socket, execute };
struct Failure {
  Step step;
  int error;
};

const char* name_of(Step step) {
  switch (step) {
    case Step::namespaces:
      return "the machine's own pcscd runs and this one cannot be kept apart from it (no right to "
             "a "
             "mount namespace)";
    case Step::output:
      return "cannot write the log of pcscd";
    case Step::socket:
      return "cannot hand the socket to pcscd";
    case Step::execute:
      break;
  }
  return "cannot execute pcscd";
}

/// Everything that the child needs, made before the fork: afterwards only async-signal-safe calls
/// are allowed.
struct Plan {
  std::string program, configuration, log;
  std::vector<std::string> environment;
  std::vector<char*> arguments, environment_pointers;
  char* pid_digits = nullptr;  ///< ten places behind LISTEN_PID=
  std::string user_map, group_map;
  const char* hidden;  ///< where an empty file system goes
  bool may_share;      ///< no pcscd of the machine's
  int socket;
};

constexpr std::size_t kPidPlaces = 10;

Plan make_plan(const PcscdProcess& process) {
  Plan plan;
  plan.program = process.program.string();
  plan.configuration = process.configuration.string();
  plan.log = process.log.string();
  plan.socket = process.listening_socket;
  plan.hidden = fs::exists(kRunPcscd) ? kRunPcscd : kRun;
  plan.may_share = !fs::exists(kMachineSocket);
  plan.user_map = std::to_string(geteuid()) + " " + std::to_string(geteuid()) + " 1\n";
  plan.group_map = std::to_string(getegid()) + " " + std::to_string(getegid()) + " 1\n";
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::strncmp(*entry, "LISTEN_", 7) != 0) plan.environment.emplace_back(*entry);
  plan.environment.emplace_back("LISTEN_FDS=1");
  plan.environment.push_back("LISTEN_PID=" + std::string(kPidPlaces, '\0'));
  return plan;
}

void point_at_strings(Plan& plan) {
  static char foreground[] = "-f", information[] = "-i", configuration[] = "-c";
  plan.arguments = {plan.program.data(),       foreground, information, configuration,
                    plan.configuration.data(), nullptr};
  for (std::string& entry : plan.environment) plan.environment_pointers.push_back(entry.data());
  plan.environment_pointers.push_back(nullptr);
  std::string& last = plan.environment.back();
  plan.pid_digits = last.data() + last.find('=') + 1;
}

void write_own_pid(char* to) {
  std::array<char, kPidPlaces> reversed;
  std::size_t count = 0;
  for (auto pid = static_cast<unsigned>(getpid()); pid > 0; pid /= 10)
    reversed[count++] = static_cast<char>('0' + pid % 10);
  while (count > 0) *to++ = reversed[--count];
}

bool write_file(const char* path, const char* text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const std::size_t length = std::strlen(text);
  const bool written = ::write(fd, text, length) == static_cast<ssize_t>(length);
  ::close(fd);
  return written;
}

/// A mount namespace where the folder of pid file and socket is empty; through a user namespace
/// where there is no right to it otherwise.
bool hide_run_folder(const Plan& plan) {
  if (::unshare(CLONE_NEWNS) != 0) {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    write_file("/proc/self/setgroups", "deny");
    if (!write_file("/proc/self/uid_map", plan.user_map.c_str()) ||
        !write_file("/proc/self/gid_map", plan.group_map.c_str()))
      return false;
  }
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", plan.hidden, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") == 0;
}

[[noreturn]] void fail(int pipe, Step step) {
  const Failure failure{step, errno};
  [[maybe_unused]] const auto written = ::write(pipe, &failure, sizeof failure);
  ::_exit(127);
}

[[noreturn]] void run_child(const Plan& plan, int pipe) {
  if (!hide_run_folder(plan) && !plan.may_share) fail(pipe, Step::namespaces);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int in = ::open("/dev/null", O_RDONLY);
  const int out = ::open(plan.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (in < 0 || out < 0 || ::dup2(in, 0) < 0 || ::dup2(out, 1) < 0 || ::dup2(out, 2) < 0)
    fail(pipe, Step::output);
  // Above 10 nothing of what follows is in the way; then everything but 0-3 and the pipe closes.
  const int socket = ::fcntl(plan.socket, F_DUPFD_CLOEXEC, 10);
  const int report = ::fcntl(pipe, F_DUPFD_CLOEXEC, 10);
  if (socket < 0 || report < 0 || ::dup2(socket, kFirstHandedOver) < 0) fail(pipe, Step::socket);
  if (::dup3(report, kFirstHandedOver + 1, O_CLOEXEC) < 0) fail(report, Step::socket);
  ::close_range(kFirstHandedOver + 2, ~0U, 0);
  write_own_pid(plan.pid_digits);
  ::execve(plan.program.c_str(), plan.arguments.data(), plan.environment_pointers.data());
  fail(kFirstHandedOver + 1, Step::execute);
}

}  // namespace

pid_t start_pcscd(const PcscdProcess& process) {
  Plan plan = make_plan(process);
  point_at_strings(plan);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe");
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) run_child(plan, writing.get());
  writing = Descriptor();
  Failure failure{};
  ssize_t got;
  do got = ::read(reading.get(), &failure, sizeof failure);
  while (got < 0 && errno == EINTR);
  if (got == 0) return child;  // the pipe closed at execution
  ::waitpid(child, nullptr, 0);
  if (failure.step == Step::namespaces) throw std::runtime_error(name_of(failure.step));
  throw std::system_error(failure.error, std::generic_category(), name_of(failure.step));
}

}  // namespace kpd::chip

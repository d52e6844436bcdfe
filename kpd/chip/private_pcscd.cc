#include "kpd/chip/private_pcscd.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "kpd/chip/pcscd_process.h"

namespace kpd::chip {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kDriverFolders[] = {"/usr/lib/pcsc/drivers/serial",
                                          "/usr/local/lib/pcsc/drivers/serial",
                                          "/usr/lib64/pcsc/drivers/serial"};
constexpr const char* kProgramFolders[] = {"/usr/sbin", "/usr/local/sbin", "/usr/bin"};
constexpr const char* kDriverName = "libifdvpcd.so";
constexpr const char* kSocketName = "pcscd.comm";
constexpr const char* kConfigurationName = "reader.conf.d";
constexpr const char* kLogName = "pcscd.log";
constexpr int kFirstPort = 20000;  // below the range that systems give away themselves
constexpr int kLastPort = 32000;
constexpr int kPortAttempts = 200;
constexpr int kStartAttempts = 3;
constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::milliseconds kPoll{10};

template <typename Folders>
fs::path find_file(const Folders& folders, const char* name, const char* advice) {
  for (const char* folder : folders)
    if (const fs::path path = fs::path(folder) / name; fs::exists(path)) return path;
  throw std::runtime_error(advice);
}

/// A reader of vpcd is a pair of slots on two adjacent ports; this is a first one, free now.
int free_pair() {
  static thread_local std::mt19937 generator{std::random_device{}()};
  std::uniform_int_distribution<int> pick(kFirstPort / 2, kLastPort / 2 - 1);
  for (int attempt = 0; attempt < kPortAttempts; ++attempt) {
    const int first = 2 * pick(generator);
    const bool is_free = [&] {
      for (const int port : {first, first + 1}) {
        const Descriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        sockaddr generic{};
        std::memcpy(&generic, &address, sizeof address);
        if (!fd || ::bind(fd.get(), &generic, sizeof generic) != 0) return false;
      }
      return true;
    }();
    if (is_free) return first;
  }
  throw std::runtime_error("no free ports for virtual readers");
}

Descriptor listening_socket(const fs::path& path) {
  const std::string name = path.string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.sun_path)
    throw std::invalid_argument("a path too long for a socket: " + name);
  std::copy(name.begin(), name.end(), address.sun_path);
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  fs::remove(path);
  const void* const raw = &address;
  if (!fd || ::bind(fd.get(), static_cast<const sockaddr*>(raw), sizeof address) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0)
    throw std::system_error(errno, std::generic_category(), name);
  return fd;
}

/// The TCP ports on which anybody on this machine listens, from /proc/net/tcp.
std::set<unsigned> listening_ports() {
  std::set<unsigned> ports;
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);  // the heading
  while (std::getline(table, line)) {
    std::istringstream fields(line);
    std::string number, local, remote, state;
    fields >> number >> local >> remote >> state;
    const auto colon = local.find(':');
    if (state == "0A" && colon != std::string::npos)
      ports.insert(static_cast<unsigned>(std::stoul(local.substr(colon + 1), nullptr, 16)));
  }
  return ports;
}

std::string last_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line, last;
  while (std::getline(file, line))
    if (!line.empty()) last = line;
  return last;
}

void check_folder(const fs::path& folder) {
  const std::string name = folder.string();
  if (name.starts_with("/run/"))
    throw std::invalid_argument("pcscd cannot see a folder below /run: " + name);
  if (name.find_first_of(" \t\n\"#") != std::string::npos)
    throw std::invalid_argument("pcscd cannot read a path with blanks, quotes or #: " + name);
}

/// One of its own for each driver: pcscd numbers readers of one name within one driver alone.
std::string friendly_name(std::size_t pair) {
  return "Virtual PCD " + std::to_string(pair);
}

fs::path driver_copy(const fs::path& folder, std::size_t pair) {
  return folder / ("vpcd-" + std::to_string(pair) + ".so");
}

}  // namespace

fs::path find_vpcd_driver() {
  return find_file(kDriverFolders, kDriverName,
                   "the driver of virtual readers is not installed (package vsmartcard-vpcd)");
}

fs::path find_pcscd() {
  return find_file(kProgramFolders, "pcscd", "pcscd is not installed (package pcscd)");
}

PrivatePcscd::PrivatePcscd(const fs::path& folder, std::size_t readers) {
  if (readers == 0 || readers > kMostReaders)
    throw std::invalid_argument("pcscd has 1 to 16 readers");
  made_folder_ = fs::create_directories(folder);
  folder_ = fs::canonical(folder);
  socket_ = folder_ / kSocketName;
  try {
    check_folder(folder_);
    for (int attempt = 1; pid_ < 0; ++attempt) {
      prepare_folder(readers);
      start();
      try {
        await_readers();
      } catch (const std::runtime_error&) {  // somebody may have taken a port in between
        stop();
        if (attempt == kStartAttempts) throw;
      }
    }
  } catch (...) {
    clean();
    throw;
  }
}

PrivatePcscd::~PrivatePcscd() {
  stop();
  clean();
}

void PrivatePcscd::prepare_folder(std::size_t readers) {
  const fs::path driver = find_vpcd_driver();
  const fs::path configuration = folder_ / kConfigurationName;
  fs::create_directories(configuration);
  std::ofstream file(configuration / "readers");
  ports_.clear();
  names_.clear();
  for (std::size_t pair = 0; 2 * pair < readers; ++pair) {
    int first = free_pair();
    while (std::find(ports_.begin(), ports_.end(), first) != ports_.end()) first = free_pair();
    const fs::path copy = driver_copy(folder_, pair);
    fs::copy_file(driver, copy, fs::copy_options::overwrite_existing);
    file << "FRIENDLYNAME \"" << friendly_name(pair) << "\"\nDEVICENAME /dev/null:" << first
         << "\nLIBPATH " << copy.string() << "\nCHANNELID " << first << "\n\n";
    for (int slot = 0; slot < 2 && ports_.size() < readers; ++slot) {
      ports_.push_back(static_cast<std::uint16_t>(first + slot));
      names_.push_back(friendly_name(pair) + " 00 0" + std::to_string(slot));
    }
  }
  file.close();
  if (!file) throw std::runtime_error("cannot write into " + configuration.string());
}

void PrivatePcscd::start() {
  const Descriptor socket = listening_socket(socket_);
  pid_ =
      start_pcscd({find_pcscd(), folder_ / kConfigurationName, folder_ / kLogName, socket.get()});
}

void PrivatePcscd::await_readers() {
  const auto deadline = Clock::now() + kPatience;
  for (;;) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("pcscd ended at once: " + last_line(folder_ / kLogName));
    }
    const auto listening = listening_ports();
    if (std::all_of(ports_.begin(), ports_.end(),
                    [&](std::uint16_t port) { return listening.contains(port); }))
      return;
    if (Clock::now() >= deadline) throw std::runtime_error("the virtual readers did not start");
    std::this_thread::sleep_for(kPoll);
  }
}

void PrivatePcscd::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  const auto deadline = Clock::now() + kPatience;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (Clock::now() >= deadline) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      break;
    }
    std::this_thread::sleep_for(kPoll);
  }
  pid_ = -1;
}

void PrivatePcscd::clean() noexcept {
  std::error_code ignored;
  fs::remove(socket_, ignored);
  fs::remove_all(folder_ / kConfigurationName, ignored);
  fs::remove(folder_ / kLogName, ignored);
  for (std::size_t pair = 0; 2 * pair < kMostReaders; ++pair)
    fs::remove(driver_copy(folder_, pair), ignored);
  if (made_folder_) fs::remove(folder_, ignored);
}

}  // namespace kpd::chip

#include "kpd/commands/live_screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <iostream>

#include "kpd/commands/command.h"

namespace kpd {
namespace {

constexpr std::chrono::milliseconds kFrame{250};
constexpr std::size_t kUsualWidth = 80;

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return size.ws_col;
}

}  // namespace

LiveScreen::LiveScreen(std::function<std::vector<std::string>(std::size_t)> lines)
    : lines_(std::move(lines)), terminal_(isatty(STDERR_FILENO) == 1) {
  if (terminal_) thread_ = std::thread([this] { run(); });
}

LiveScreen::~LiveScreen() {
  if (!terminal_) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
  clear();
  std::cerr << std::flush;
}

void LiveScreen::say(const std::string& line) {
  const std::lock_guard lock(mutex_);
  clear();
  kpd::say(line);
  draw();
}

void LiveScreen::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    clear();
    draw();
    changed_.wait_for(lock, kFrame);
  }
}

void LiveScreen::draw() {
  if (!terminal_) return;
  const auto lines = lines_(terminal_width());
  for (const std::string& line : lines) std::cerr << line << "\n";
  std::cerr << std::flush;
  drawn_ = lines.size();
}

/// Back to the first of the lines, everything from there on gone.
void LiveScreen::clear() {
  if (drawn_ > 0) std::cerr << "\033[" << drawn_ << "A\r\033[J";
  drawn_ = 0;
}

}  // namespace kpd

#include "kpd/commands/stop_signal.h"

#include <array>
#include <csignal>

namespace kpd {
namespace {

volatile std::sig_atomic_t stop_wanted = 0;

void remember(int) {
  stop_wanted = 1;
}

void handle(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  for (const int signal : std::array{SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

}  // namespace

StopSignal::StopSignal() {
  handle(remember, SA_RESTART | static_cast<int>(SA_RESETHAND));
}

StopSignal::~StopSignal() {
  handle(SIG_DFL, 0);
}

bool StopSignal::came() {
  return stop_wanted != 0;
}

}  // namespace kpd

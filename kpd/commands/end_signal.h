/// Programs that work until they are told to end.
#pragma once

#include <csignal>

namespace kpd {

/// Waits for Ctrl-C, SIGTERM or SIGHUP, which every thread made after the constructor leaves to it.
class EndSignal {
 public:
  EndSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  void wait() {
    int number = 0;
    sigwait(&signals_, &number);
  }

  /// From now on such a signal ends the program at once.
  void no_more() { pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr); }

 private:
  sigset_t signals_{};
};

}  // namespace kpd

#include "kpd/keys/pin_source.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::size_t kMaxPin = 256;

/// One line, without its end. Byte by byte, so that nothing beyond the line is swallowed.
hsm::Secret read_line(int descriptor) {
  hsm::Secret buffer(kMaxPin);
  std::size_t used = 0;
  for (;;) {
    std::uint8_t byte = 0;
    const ssize_t count = read(descriptor, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw Failure(ExitCode::hold, "the PIN's descriptor cannot be read");
    if (count == 0 || byte == '\n') break;
    if (used == kMaxPin) throw Failure(ExitCode::hold, "the PIN is too long");
    buffer.expose_mutable()[used++] = byte;
  }
  if (used == 0)
    throw Failure(ExitCode::hold, "the PIN is empty: nothing came from its descriptor");
  return hsm::Secret(buffer.expose().first(used));
}

/// Turns the terminal's echo off for as long as it lives.
class NoEcho {
 public:
  explicit NoEcho(int terminal) : terminal_(terminal) {
    tcgetattr(terminal_, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(terminal_, TCSAFLUSH, &quiet);
  }
  ~NoEcho() { tcsetattr(terminal_, TCSAFLUSH, &before_); }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  int terminal_;
  termios before_{};
};

void say(int terminal, const std::string& text) {
  if (write(terminal, text.data(), text.size()) < 0)
    throw Failure(ExitCode::hold, "the terminal cannot be written");
}

}  // namespace

hsm::Secret DescriptorPin::pin(const std::string&) {
  if (pin_.empty()) pin_ = read_line(descriptor_);
  return pin_.duplicate();
}

hsm::Secret PromptedPin::pin(const std::string& token_label) {
  if (const auto known = pins_.find(token_label); known != pins_.end())
    return known->second.duplicate();
  const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0)
    throw Failure(ExitCode::hold, "the PIN of token '" + token_label +
                                      "' is needed and there is no terminal to ask on: give it "
                                      "through a descriptor, --pin-fd 3 3< <(...)");
  say(terminal, "PIN of token " + token_label + ": ");
  hsm::Secret pin;
  {
    const NoEcho quiet(terminal);
    pin = read_line(terminal);
  }
  say(terminal, "\n");
  close(terminal);
  return pins_.emplace(token_label, std::move(pin)).first->second.duplicate();
}

}  // namespace kpd

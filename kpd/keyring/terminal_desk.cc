#include "kpd/keyring/terminal_desk.h"

#include <bsd/readpassphrase.h>

#include <cstring>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::size_t kLongestLine = 512;
// Cursor home, screen empty, and what was scrolled off it too.
constexpr const char* kClear = "\033[H\033[2J\033[3J";

}  // namespace

TerminalDesk::TerminalDesk() : terminal_(std::fopen("/dev/tty", "re+")) {
  if (!terminal_)
    throw Failure(ExitCode::hold,
                  "a ceremony needs a terminal, and there is none: run the command "
                  "where custodians can type");
  std::setvbuf(terminal_.get(), nullptr, _IONBF, 0);  // no copy of a component stays in a buffer
}

hsm::Secret TerminalDesk::read(const std::string& prompt, bool echo) {
  hsm::Secret typed(kLongestLine + 1);
  char* text = reinterpret_cast<char*>(typed.expose_mutable().data());
  const int flags = RPP_REQUIRE_TTY | (echo ? RPP_ECHO_ON : RPP_ECHO_OFF);
  if (readpassphrase(prompt.c_str(), text, typed.size(), flags) == nullptr)
    throw Failure(ExitCode::hold, "the terminal went away: nothing was stored");
  return hsm::Secret(typed.expose().first(std::strlen(text)));
}

hsm::Secret TerminalDesk::hidden(const std::string& prompt) {
  return read(prompt, false);
}

std::string TerminalDesk::ask(const std::string& prompt) {
  const hsm::Secret line = read(prompt, true);
  return std::string(emvcrypto::as_text(line.expose()));
}

void TerminalDesk::write(const char* text, std::size_t size) {
  std::fwrite(text, 1, size, terminal_.get());
  std::fflush(terminal_.get());
}

void TerminalDesk::say(const std::string& line) {
  write((line + "\n").c_str(), line.size() + 1);
}

void TerminalDesk::show(const hsm::Secret& text) {
  write(reinterpret_cast<const char*>(text.expose().data()), text.size());
  write("\n", 1);
}

void TerminalDesk::clear() {
  write(kClear, std::strlen(kClear));
}

}  // namespace kpd

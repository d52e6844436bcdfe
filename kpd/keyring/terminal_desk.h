/// A ceremony's desk on the terminal of this process.
#pragma once

#include <cstdio>
#include <memory>

#include "kpd/keyring/ceremony.h"

namespace kpd {

/// /dev/tty, whatever standard input and output are.
class TerminalDesk : public CeremonyDesk {
 public:
  /// Throws Failure(hold) without a terminal.
  TerminalDesk();
  hsm::Secret hidden(const std::string& prompt) override;
  std::string ask(const std::string& prompt) override;
  void say(const std::string& line) override;
  void show(const hsm::Secret& text) override;
  void clear() override;

 private:
  hsm::Secret read(const std::string& prompt, bool echo);
  void write(const char* text, std::size_t size);

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> terminal_;
};

}  // namespace kpd

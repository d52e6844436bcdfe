#include "kpd/keys/pin_source.h"

#include <bsd/readpassphrase.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

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

}  // namespace

hsm::Secret DescriptorPin::pin(const std::string&) {
  if (pin_.empty()) pin_ = read_line(descriptor_);
  return pin_.duplicate();
}

hsm::Secret PromptedPin::pin(const std::string& token_label) {
  if (const auto known = pins_.find(token_label); known != pins_.end())
    return known->second.duplicate();
  // Echo goes off before the prompt appears, and comes back also when a signal ends the program.
  const std::string prompt = "PIN of token " + token_label + ": ";
  hsm::Secret typed(kMaxPin + 1);
  char* text = reinterpret_cast<char*>(typed.expose_mutable().data());
  if (readpassphrase(prompt.c_str(), text, typed.size(), RPP_REQUIRE_TTY) == nullptr)
    throw Failure(ExitCode::hold, "the PIN of token '" + token_label +
                                      "' is needed and there is no terminal to ask on: give it "
                                      "through a descriptor, --pin-fd 3 3< <(...)");
  const std::size_t size = std::strlen(text);
  if (size == 0) throw Failure(ExitCode::hold, "the PIN is empty");
  if (size == kMaxPin) throw Failure(ExitCode::hold, "the PIN is too long");
  hsm::Secret pin(typed.expose().first(size));
  return pins_.emplace(token_label, std::move(pin)).first->second.duplicate();
}

}  // namespace kpd

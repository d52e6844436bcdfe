#include "kpd/commands/calc_values.h"

#include <bsd/readpassphrase.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iostream>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

using calc::Given;
using emvcrypto::Secret;

constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxInput = std::size_t{64} << 20;

/// One line of a descriptor without its end; nothing at the end of what comes. Byte by byte, so
/// that the next line stays for the next reader.
std::optional<Secret> read_line(int descriptor) {
  Secret buffer(kMaxLine);
  std::size_t used = 0;
  for (;;) {
    std::uint8_t byte = 0;
    const ssize_t count = read(descriptor, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      throw Failure(ExitCode::hold, fmt::format("descriptor {} cannot be read", descriptor));
    if (count == 0 && used == 0) return std::nullopt;
    if (count == 0 || byte == '\n') return Secret(buffer.expose().first(used));
    if (used == kMaxLine)
      throw Failure(ExitCode::hold, fmt::format("a line of descriptor {} is too long", descriptor));
    buffer.expose_mutable()[used++] = byte;
  }
}

int descriptor_number(const calc::Parameter& parameter, const std::string& text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0)
    throw Failure(ExitCode::usage,
                  fmt::format("--{}-fd: expected the number of an open descriptor, never the "
                              "secret itself",
                              parameter.name));
  return number;
}

Secret ask(const std::string& name) {
  Secret typed(kMaxLine);
  char* text = reinterpret_cast<char*>(typed.expose_mutable().data());
  if (readpassphrase((name + ": ").c_str(), text, typed.size(), RPP_REQUIRE_TTY) == nullptr)
    throw Failure(ExitCode::hold,
                  fmt::format("{} is to be asked for and there is no terminal: give "
                              "it as @FILE or through a descriptor",
                              name));
  return Secret(typed.expose().first(std::strlen(text)));
}

/// A file's content without the line ends behind it.
Secret read_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) throw Failure(ExitCode::io, name + ": cannot be opened");
  constexpr std::size_t kMaxFile = std::size_t{1} << 20;
  Secret buffer(kMaxFile + 1);
  file.read(reinterpret_cast<char*>(buffer.expose_mutable().data()),
            static_cast<std::streamsize>(buffer.size()));
  if (file.bad()) throw Failure(ExitCode::io, name + ": cannot be read");
  auto size = static_cast<std::size_t>(file.gcount());
  if (size > kMaxFile) throw Failure(ExitCode::usage, name + ": more than 1 MiB for one value");
  const auto bytes = buffer.expose();
  while (size > 0 && (bytes[size - 1] == '\n' || bytes[size - 1] == '\r')) --size;
  return Secret(bytes.first(size));
}

}  // namespace

std::vector<Given> read_values(const calc::Parameter& parameter, const ValueSource& source) {
  std::vector<Given> values;
  for (const std::string& word : source.words) {
    const bool file = word.size() > 1 && word.front() == '@';
    if (file)
      values.push_back({read_file(word.substr(1)), false});
    else if (parameter.secret() && word == "-")
      values.push_back({ask(parameter.many ? fmt::format("{} {}", parameter.name, values.size() + 1)
                                           : std::string(parameter.name)),
                        false});
    else
      values.push_back(calc::given_in_clear(word));
  }
  if (source.descriptor.empty()) return values;
  const int descriptor = descriptor_number(parameter, source.descriptor);
  auto line = read_line(descriptor);
  if (!line)
    throw Failure(ExitCode::hold,
                  fmt::format("{}: nothing came from descriptor {}", parameter.name, descriptor));
  while (line) {
    values.push_back({*std::move(line), false});
    if (!parameter.many) break;
    line = read_line(descriptor);
  }
  return values;
}

std::string read_calc_input(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) throw Failure(ExitCode::io, file + ": cannot be opened");
  }
  std::istream& in = file == "-" ? std::cin : opened;
  std::string text;
  char piece[1 << 16];
  while (in.read(piece, sizeof piece), in.gcount() > 0) {
    text.append(piece, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxInput)
      throw Failure(ExitCode::usage, "more than 64 MiB of JSON: give it in pieces");
  }
  if (in.bad()) throw Failure(ExitCode::io, "the input cannot be read");
  return text;
}

}  // namespace kpd

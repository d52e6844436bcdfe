#include "kpd/script/record_script.h"

#include <algorithm>
#include <sstream>

namespace kpd {
namespace {

using emvcrypto::Bytes;
using emvcrypto::Expected;

constexpr std::size_t kShortest = 4, kLongest = 261;  ///< of a command without extended length
constexpr std::string_view kArrow = "->";

tl::unexpected<emvcrypto::Fault> wrong(std::size_t line, const char* what) {
  return tl::unexpected(
      emvcrypto::Fault{"record-script", "line " + std::to_string(line) + ": " + what});
}

std::string without_blanks(std::string_view text) {
  std::string bare(text);
  std::erase_if(bare, [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
  return bare;
}

/// Words of four digits, at least one.
std::vector<std::uint16_t> statuses(std::string_view text) {
  std::istringstream words{std::string(text)};
  std::vector<std::uint16_t> read;
  for (std::string word; words >> word;) {
    const auto bytes = emvcrypto::parse_hex(word);
    if (!bytes || bytes->size() != 2) return {};
    read.push_back(static_cast<std::uint16_t>(emvcrypto::to_number(*bytes)));
  }
  return read;
}

Expected<RecordCommand> parse_line(std::string_view text, std::size_t line) {
  RecordCommand command;
  command.line = line;
  const std::size_t arrow = text.find(kArrow);
  if (arrow != text.npos) {
    command.ok = statuses(text.substr(arrow + kArrow.size()));
    if (command.ok.empty()) return wrong(line, "behind -> stand status words of four digits");
  }
  auto bytes = emvcrypto::parse_hex(without_blanks(text.substr(0, arrow)));
  if (!bytes) return wrong(line, "a command is written in pairs of hexadecimal digits");
  if (bytes->size() < kShortest || bytes->size() > kLongest)
    return wrong(line, "a command has 4 to 261 bytes");
  command.bytes = *std::move(bytes);
  return command;
}

}  // namespace

Expected<std::vector<RecordCommand>> parse_record_script(std::string_view text) {
  std::vector<RecordCommand> commands;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    one = one.substr(0, one.find('#'));
    if (without_blanks(one).empty()) continue;
    auto command = parse_line(one, line);
    if (!command) return tl::unexpected(command.error());
    commands.push_back(*std::move(command));
  }
  return commands;
}

}  // namespace kpd

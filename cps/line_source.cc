#include <array>

#include "cps/card_json.h"
#include "cps/line_parts.h"
#include "cps/source_parts.h"

namespace cps {
namespace {

/// A header line, a line a card, a trailer line.
class LineSource final : public CheckedSource {
 public:
  explicit LineSource(std::istream& in) : CheckedSource(in) {
    const Part part = read_line();
    const std::string_view line = emvcrypto::as_text(part.bytes);
    const std::size_t prefix = line.find('{');
    const std::size_t end = line.ends_with("\r\n") ? 2 : 1;
    if (prefix == std::string_view::npos) refuse(0, "the file does not start with a header");
    start(part, emvcrypto::as_bytes(line.substr(prefix, line.size() - prefix - end)));
    if (header_.format != FileFormat::lines) refuse(0, "a header of modules in a file of lines");
    if (line.substr(0, prefix) != header_.lines.prefix || end != header_.lines.end.size())
      refuse(0, "the first line has not the prefix and end that its header says");
    codec_.emplace(header_.lines);
  }

 private:
  Part read_part() override {
    Part part = read_line();
    if (!emvcrypto::as_text(part.bytes).ends_with(layout().end))
      refuse(part.start, "a line does not end as the header says");
    return part;
  }

  bool is_trailer(const Part& part) override {
    return emvcrypto::as_text(part.bytes).starts_with(layout().prefix);
  }

  ByteView trailer_json(const Part& part) override {
    const ByteView bytes = part.bytes;
    return bytes.subspan(layout().prefix.size(),
                         bytes.size() - layout().prefix.size() - layout().end.size());
  }

  Expected<std::vector<Module>> modules_of(const Part& part) override {
    const std::string_view line = emvcrypto::as_text(part.bytes);
    return codec_->parse(line.substr(0, line.size() - layout().end.size()), header_.chip_mic);
  }

  const LineLayout& layout() const { return header_.lines; }

  /// A line with its LF. Never holds more than the longest line.
  Part read_line() {
    Part part{offset_, {}};
    std::array<char, 8192> piece{};
    for (;;) {
      in_.getline(piece.data(), piece.size(), '\n');
      const auto count = static_cast<std::size_t>(in_.gcount());
      const bool whole = in_.good();  // an LF was found and counted
      const std::string_view text(piece.data(), whole ? count - 1 : count);
      emvcrypto::append(part.bytes, emvcrypto::as_bytes(text));
      if (part.bytes.size() >= kMaxLine) refuse(part.start, "a line is longer than 4 MiB");
      if (whole) break;
      if (in_.bad() || in_.eof()) refuse_end(part.start);
      in_.clear();
    }
    part.bytes.push_back('\n');
    offset_ += part.bytes.size();
    return part;
  }

  std::optional<LineCodec> codec_;
};

}  // namespace

std::unique_ptr<CardSource> open_lines(std::istream& in) {
  return std::make_unique<LineSource>(in);
}

}  // namespace cps

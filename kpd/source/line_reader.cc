#include "kpd/source/line_reader.h"

#include <algorithm>

#include "kpd/exit_code.h"
#include "kpd/source/limits.h"

namespace kpd {
namespace {

constexpr std::size_t kBlock = 64 * 1024;  ///< bytes; a multiple of every unit
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

LineReader::LineReader(Input input, const std::string& encoding)
    : input_(std::move(input)), decoder_((fill(), byte_order(encoding))) {}

std::string LineReader::byte_order(const std::string& encoding) const try {
  return TextDecoder::with_byte_order(encoding, buffer_);
} catch (const Failure& failure) {
  throw Failure(failure.code(), name() + ": " + failure.what());
}

bool LineReader::fill() {
  if (at_ < buffer_.size()) return true;
  buffer_.resize(kBlock);
  buffer_.resize(input_.read(buffer_));
  at_ = 0;
  return !buffer_.empty();
}

TextLine LineReader::decoded(bool too_long) {
  TextLine line{number_, {}};
  if (too_long) {
    line.text = emvcrypto::fault("record-size", "the record is longer than 1 MiB");
  } else if (!decoder_.decode(raw_, *line.text)) {
    line.text = emvcrypto::fault("encoding", "bytes that the source's encoding does not have");
  } else {
    if (number_ == 1 && line.text->starts_with(kByteOrderMark))
      line.text->erase(0, kByteOrderMark.size());
    if (line.text->find('\0') != std::string::npos)
      line.text = emvcrypto::fault("nul", "the record holds a NUL character");
  }
  return line;
}

std::optional<TextLine> LineReader::next() {
  if (!fill()) return std::nullopt;
  ++number_;
  raw_.clear();
  bool too_long = false, ended = false;
  while (!ended && fill()) {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    std::size_t end = decoder_.find_line_end(rest);
    ended = end != rest.npos;
    if (!ended) end = rest.size();
    if (end > kMaxRecord - raw_.size())
      too_long = true;
    else
      raw_ += rest.substr(0, end);
    at_ += end + (ended ? decoder_.unit() : 0);
  }
  TextLine line = decoded(too_long);
  if (line.text && line.text->ends_with('\r')) line.text->pop_back();
  return line;
}

std::optional<TextLine> LineReader::next_block(std::size_t size) {
  if (!fill()) return std::nullopt;
  ++number_;
  raw_.clear();
  while (raw_.size() < size && fill()) {
    const std::size_t take = std::min(size - raw_.size(), buffer_.size() - at_);
    raw_.append(buffer_, at_, take);
    at_ += take;
  }
  return decoded(false);
}

}  // namespace kpd

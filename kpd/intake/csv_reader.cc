#include "kpd/intake/csv_reader.h"

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The state of one row while its characters come.
class RowParser {
 public:
  explicit RowParser(char delimiter) : delimiter_(delimiter) {}

  /// Takes one line. False when text stands where a delimiter must.
  bool take(std::string_view line) {
    for (char c : line) {
      switch (state_) {
        case State::start:
          if (c == '"') {
            state_ = State::quoted;
            break;
          }
          state_ = State::plain;
          [[fallthrough]];
        case State::plain:
          if (c == delimiter_)
            end_column();
          else
            column_ += c;
          break;
        case State::quoted:
          if (c == '"')
            state_ = State::after_quote;
          else
            column_ += c;
          break;
        case State::after_quote:
          if (c == '"') {
            column_ += c;
            state_ = State::quoted;
          } else if (c == delimiter_) {
            end_column();
          } else {
            return false;
          }
          break;
      }
    }
    return true;
  }

  bool open() const { return state_ == State::quoted; }
  void line_end() { column_ += '\n'; }

  std::vector<std::string> finish() {
    end_column();
    return std::move(columns_);
  }

 private:
  enum class State { start, plain, quoted, after_quote };

  void end_column() {
    columns_.push_back(std::move(column_));
    column_.clear();
    state_ = State::start;
  }

  char delimiter_;
  State state_ = State::start;
  std::string column_;
  std::vector<std::string> columns_;
};

bool holds_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

}  // namespace

bool CsvReader::read_line(std::streambuf& buffer, Line& line) {
  constexpr int kEnd = std::streambuf::traits_type::eof();
  try {
    int c = buffer.sbumpc();
    if (c == kEnd) return false;
    for (; c != kEnd && c != '\n'; c = buffer.sbumpc()) {
      if (line.text.size() < kMaxLine)
        line.text += static_cast<char>(c);
      else
        line.too_long = true;
    }
    return true;
  } catch (const std::ios_base::failure&) {  // how a file buffer says that read() failed
    throw Failure(ExitCode::io, "an input file cannot be read to its end");
  }
}

std::optional<CsvReader::Line> CsvReader::next_line() {
  if (!pending_.empty()) {
    Line line = std::move(pending_.front());
    pending_.pop_front();
    return line;
  }
  Line line{++lines_, {}, false};
  if (!read_line(*in_.rdbuf(), line)) return std::nullopt;
  if (line.text.ends_with('\r')) line.text.pop_back();
  if (line.number == 1 && line.text.starts_with(kByteOrderMark))
    line.text.erase(0, kByteOrderMark.size());
  return line;
}

std::optional<CsvRow> CsvReader::next() {
  auto first = next_line();
  while (first && first->text.empty() && !first->too_long) first = next_line();
  if (!first) return std::nullopt;

  const auto bad = [&](const char* code, const char* reason) {
    return CsvRow{first->number, emvcrypto::fault(code, reason)};
  };
  if (first->too_long) return bad("csv-line", "the line is longer than 64 KiB");
  if (holds_nul(first->text)) return bad("csv-nul", "the line holds a NUL byte");

  RowParser parser(delimiter_);
  std::deque<Line> swallowed;
  bool fits = parser.take(first->text);
  while (fits && parser.open()) {
    auto more = next_line();
    if (!more) break;
    parser.line_end();
    swallowed.push_back(*std::move(more));
    const Line& line = swallowed.back();
    fits = swallowed.size() < kMaxRowLines && !line.too_long && !holds_nul(line.text) &&
           parser.take(line.text);
  }
  if (fits && !parser.open()) return CsvRow{first->number, parser.finish()};
  // The row ends here, but the lines behind its first one may be good rows.
  pending_.insert(pending_.begin(), swallowed.begin(), swallowed.end());
  return bad("csv-quote", "a quote is never closed, or text stands behind a closing one");
}

}  // namespace kpd

#include "kpd/intake/csv_reader.h"

#include "kpd/exit_code.h"

namespace kpd {
namespace {

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

}  // namespace

std::optional<CsvReader::Line> CsvReader::next_line() {
  if (!pending_.empty()) {
    Line line = std::move(pending_.front());
    pending_.pop_front();
    return line;
  }
  Line line{++lines_, {}, false};
  std::streambuf& buffer = *in_.rdbuf();
  bool any = false;
  for (int c = buffer.sbumpc(); c != std::streambuf::traits_type::eof(); c = buffer.sbumpc()) {
    any = true;
    if (c == '\n') break;
    if (line.text.size() < kMaxLine)
      line.text += static_cast<char>(c);
    else
      line.too_long = true;
  }
  if (in_.bad()) throw Failure(ExitCode::io, "an input file cannot be read to its end");
  if (!any) return std::nullopt;
  if (line.text.ends_with('\r')) line.text.pop_back();
  return line;
}

std::optional<CsvRow> CsvReader::next() {
  auto first = next_line();
  while (first && first->text.empty() && !first->too_long) first = next_line();
  if (!first) return std::nullopt;

  const auto bad = [&](const char* code, const char* reason) {
    return CsvRow{first->number, emvcrypto::fault(code, reason)};
  };
  RowParser parser(delimiter_);
  std::deque<Line> swallowed;
  const Line* line = &*first;
  for (;;) {
    if (line->too_long) return bad("csv-line", "the line is longer than 64 KiB");
    const bool nul = line->text.find('\0') != std::string::npos;
    const bool fits = !nul && parser.take(line->text);
    const bool lost = fits && parser.open() && swallowed.size() + 1 >= kMaxRowLines;
    if (!fits || lost) {
      // The row ends here, but the lines behind its first one may be good rows.
      pending_.insert(pending_.begin(), swallowed.begin(), swallowed.end());
      if (nul) return bad("csv-nul", "the line holds a NUL byte");
      return bad("csv-quote", lost ? "a quote is never closed" : "text stands behind a closing quote");
    }
    if (!parser.open()) return CsvRow{first->number, parser.finish()};
    auto more = next_line();
    if (!more) {
      pending_.insert(pending_.begin(), swallowed.begin(), swallowed.end());
      return bad("csv-quote", "a quote is never closed");
    }
    parser.line_end();
    swallowed.push_back(*std::move(more));
    line = &swallowed.back();
  }
}

}  // namespace kpd

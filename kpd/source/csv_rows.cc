#include "kpd/source/csv_rows.h"

#include "kpd/source/limits.h"

namespace kpd {
namespace {

/// The state of one row while its lines come.
class RowParser {
 public:
  RowParser(char delimiter, char quote) : delimiter_(delimiter), quote_(quote) {}

  /// Takes one line. False when text stands where a delimiter must.
  bool take(std::string_view line) {
    for (char c : line) {
      const bool quote = quote_ != 0 && c == quote_;
      switch (state_) {
        case State::start:
          if (quote) {
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
          if (quote)
            state_ = State::after_quote;
          else
            column_ += c;
          break;
        case State::after_quote:
          if (quote) {
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

  char delimiter_, quote_;
  State state_ = State::start;
  std::string column_;
  std::vector<std::string> columns_;
};

}  // namespace

std::optional<TextLine> CsvRows::next_line() {
  if (pending_.empty()) return lines_.next();
  TextLine line = std::move(pending_.front());
  pending_.pop_front();
  return line;
}

std::optional<SourceRow> CsvRows::next() {
  auto first = next_line();
  while (first && first->text && first->text->empty()) first = next_line();
  if (!first) return std::nullopt;
  if (!first->text) return SourceRow{first->number, tl::unexpected(first->text.error())};

  RowParser parser(delimiter_, quote_);
  std::deque<TextLine> swallowed;
  bool fits = parser.take(*first->text);
  while (fits && parser.open()) {
    auto more = next_line();
    if (!more) break;
    parser.line_end();
    swallowed.push_back(*std::move(more));
    const auto& text = swallowed.back().text;
    fits = swallowed.size() < kMaxRowLines && text && parser.take(*text);
  }
  if (fits && !parser.open()) return SourceRow{first->number, parser.finish()};
  // The row ends here, but the lines behind its first one may be good rows.
  pending_.insert(pending_.begin(), swallowed.begin(), swallowed.end());
  return SourceRow{first->number,
                   emvcrypto::fault("csv-quote",
                                    "a quote is never closed, or text stands behind a "
                                    "closing one")};
}

}  // namespace kpd

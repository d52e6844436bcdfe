#include <fmt/format.h>

#include "kpd/source/formats.h"
#include "kpd/source/line_reader.h"

namespace kpd {
namespace {

/// Where each character of a text begins, and its end; empty for a text of ASCII, where that is
/// plain.
std::vector<std::size_t> character_starts(std::string_view text, std::size_t length) {
  std::vector<std::size_t> starts;
  if (length == text.size()) return starts;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((text[i] & 0xC0) != 0x80) starts.push_back(i);
  starts.push_back(text.size());
  return starts;
}

class FixedSource : public RecordSource {
 public:
  FixedSource(const SourcePlan& plan, Input input)
      : lines_(std::move(input), plan.encoding),
        places_(plan.columns),
        length_(plan.line_length),
        line_ends_(plan.line_ends) {
    for (const SourceColumn& column : places_) columns_.push_back(column.name);
  }

  const std::vector<std::string>& columns() const override { return columns_; }

  std::optional<SourceRow> next() override {
    auto line = next_line();
    while (line && line->text && line->text->empty()) line = next_line();
    if (!line) return std::nullopt;
    if (!line->text) return SourceRow{line->number, tl::unexpected(line->text.error())};

    const std::string_view text = *line->text;
    const std::size_t length = utf8_length(text);
    if (length != length_)
      return SourceRow{
          line->number,
          emvcrypto::fault("length", fmt::format("the record has {} characters instead "
                                                 "of {}",
                                                 length, length_))};
    const auto starts = character_starts(text, length);
    const auto place = [&](std::size_t at) { return starts.empty() ? at : starts[at]; };
    std::vector<std::string> row;
    for (const SourceColumn& column : places_) {
      const std::size_t at = place(column.at);
      std::string_view value = text.substr(at, place(column.at + column.size) - at);
      row.emplace_back(value.substr(0, value.find_last_not_of(' ') + 1));
    }
    return SourceRow{line->number, std::move(row)};
  }

 private:
  std::optional<TextLine> next_line() {
    return line_ends_ ? lines_.next() : lines_.next_block(length_);
  }

  LineReader lines_;
  std::vector<SourceColumn> places_;
  std::size_t length_;
  bool line_ends_;
  std::vector<std::string> columns_;
};

}  // namespace

std::unique_ptr<RecordSource> make_fixed_source(const SourcePlan& plan, Input input) {
  return std::make_unique<FixedSource>(plan, std::move(input));
}

}  // namespace kpd

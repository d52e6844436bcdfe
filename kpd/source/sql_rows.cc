#include "kpd/source/sql_rows.h"

#include "kpd/exit_code.h"
#include "kpd/source/limits.h"
#include "kpd/source/text_decoder.h"

namespace kpd {

SqlRows::SqlRows(soci::session& session, const std::string& statement) : statement_(session) {
  statement_.alloc();
  statement_.prepare(statement);
  const int count = statement_.get_backend()->prepare_for_describe();
  for (int i = 1; i <= count; ++i) {
    soci::data_type type = soci::dt_string;
    std::string name;
    statement_.get_backend()->describe_column(i, type, name);
    columns_.push_back(name);
    texts_.emplace_back();
    indicators_.push_back(soci::i_ok);
    statement_.exchange(soci::into(texts_.back(), indicators_.back()));
  }
  statement_.define_and_bind();
}

SourceRow SqlRows::row(std::uint64_t number) const {
  std::vector<std::string> row;
  std::size_t size = 0;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    row.push_back(indicators_[i] == soci::i_null ? std::string() : texts_[i]);
    const std::string& text = row.back();
    size += text.size();
    if (size > kMaxRecord)
      return {number, emvcrypto::fault("record-size", "the record is longer than 1 MiB")};
    if (text.find('\0') != text.npos)
      return {number, emvcrypto::fault("nul", "the record holds a NUL character")};
    if (!is_utf8(text))
      return {number, emvcrypto::fault("encoding", "column '" + columns_[i] +
                                                       "' is no UTF-8; a query can give bytes in "
                                                       "hexadecimal")};
  }
  return {number, std::move(row)};
}

std::optional<SourceRow> SqlSource::next() {
  bool more = false;
  try {
    more = !ended_ && fetch();
  } catch (const soci::soci_error& error) {
    ended_ = true;
    fail_reading(error);
  }
  ended_ = !more;
  if (!more) return std::nullopt;
  return rows_->row(++number_);
}

void SqlSource::require_columns() const {
  if (rows_->columns().empty())
    throw Failure(ExitCode::usage, name_ + ": the query gives no columns");
}

}  // namespace kpd

#include "kpd/intake/date_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kpd {
namespace {

using emvcrypto::fault;

enum class Piece { year, short_year, month, day, other };

struct PieceName {
  std::string_view text;
  Piece piece;
};
constexpr std::array kPieces{PieceName{"YYYY", Piece::year}, PieceName{"YY", Piece::short_year},
                             PieceName{"MM", Piece::month}, PieceName{"DD", Piece::day}};

/// The first piece of a pattern; any other character stands for itself.
PieceName first_piece(std::string_view pattern) {
  for (const PieceName& name : kPieces)
    if (pattern.starts_with(name.text)) return name;
  return {pattern.substr(0, 1), Piece::other};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string_view date_pattern_mistake(std::string_view pattern, bool with_day) {
  int years = 0, months = 0, days = 0;
  for (std::string_view rest = pattern; !rest.empty();) {
    const PieceName name = first_piece(rest);
    years += name.piece == Piece::year || name.piece == Piece::short_year ? 1 : 0;
    months += name.piece == Piece::month ? 1 : 0;
    days += name.piece == Piece::day ? 1 : 0;
    const char c = name.text[0];
    if (name.piece == Piece::other && (c == 'Y' || c == 'M' || c == 'D' || is_digit(c)))
      return "a date's pattern is made of YYYY or YY, MM, DD and what stands between them";
    rest.remove_prefix(name.text.size());
  }
  if (years != 1 || months != 1) return "a date's pattern has one year and one month";
  if (days != (with_day ? 1 : 0))
    return with_day ? "a date's pattern has one day" : "an expiry date has no day";
  return {};
}

emvcrypto::Expected<emvcrypto::Date> read_date(std::string_view text, std::string_view pattern) {
  if (text.size() != pattern.size())
    return fault("length", fmt::format("{} characters are not a date {}", text.size(), pattern));
  emvcrypto::Date date;
  date.day = 0;
  while (!pattern.empty()) {
    const PieceName name = first_piece(pattern);
    const std::string_view part = text.substr(0, name.text.size());
    pattern.remove_prefix(part.size());
    text.remove_prefix(part.size());
    if (name.piece == Piece::other) {
      if (part != name.text) return fault("format", "a date is written in another way");
      continue;
    }
    if (!std::all_of(part.begin(), part.end(), is_digit))
      return fault("format", "something other than digits stands in the date");
    int number = 0;
    for (char c : part) number = number * 10 + (c - '0');
    if (name.piece == Piece::year) date.year = number;
    if (name.piece == Piece::short_year) date.year = 2000 + number;
    if (name.piece == Piece::month) date.month = number;
    if (name.piece == Piece::day) {
      date.day = number;
      if (number == 0) return fault("day", "there is no day 00");
    }
  }
  if (date.month < 1 || date.month > 12)
    return fault("month", fmt::format("there is no month {:02}", date.month));
  const int last = emvcrypto::days_in_month(date.year, date.month);
  if (date.day == 0) date.day = last;
  if (date.day > last) return fault("day", fmt::format("that month has no day {:02}", date.day));
  return date;
}

}  // namespace kpd

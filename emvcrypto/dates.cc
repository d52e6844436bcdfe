#include "emvcrypto/dates.h"

namespace emvcrypto {
namespace {

/// The number that these digits are, or -1.
int number_of(std::string_view digits) {
  int value = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::string two_digits(int value) {
  return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}

std::optional<Date> real_day(int year, int month, int day) {
  if (year < 2000 || year > 2099 || day < 1 || day > days_in_month(year, month))
    return std::nullopt;
  return Date{year, month, day};
}

}  // namespace

std::string Date::yymmdd() const {
  return yymm() + two_digits(day);
}
std::string Date::yymm() const {
  return two_digits(year) + two_digits(month);
}
std::string Date::mmyy() const {
  return two_digits(month) + two_digits(year);
}

std::string Date::iso() const {
  return two_digits(year / 100) + two_digits(year) + '-' + two_digits(month) + '-' +
         two_digits(day);
}

int days_in_month(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12) return 0;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::optional<Date> parse_yymmdd(std::string_view text) {
  if (text.size() != 6) return std::nullopt;
  const int year = number_of(text.substr(0, 2));
  if (year < 0) return std::nullopt;
  return real_day(2000 + year, number_of(text.substr(2, 2)), number_of(text.substr(4, 2)));
}

std::optional<Date> parse_yymm_end(std::string_view text) {
  if (text.size() != 4) return std::nullopt;
  const int year = number_of(text.substr(0, 2));
  const int month = number_of(text.substr(2, 2));
  if (year < 0) return std::nullopt;
  return real_day(2000 + year, month, days_in_month(2000 + year, month));
}

std::optional<Date> parse_iso_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  return real_day(number_of(text.substr(0, 4)), number_of(text.substr(5, 2)),
                  number_of(text.substr(8, 2)));
}

}  // namespace emvcrypto

/// Calendar dates as cards carry them: YYMMDD and YYMM, years 2000-2099 (EMV 4.4 Book 3, A1).
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace emvcrypto {

struct Date {
  int year = 2000;
  int month = 1;
  int day = 1;
  auto operator<=>(const Date&) const = default;

  std::string yymmdd() const;
  std::string yymm() const;
  std::string mmyy() const;
  std::string iso() const;  ///< 2026-11-22
};

/// Days in a month of the Gregorian calendar.
int days_in_month(int year, int month);

/// Six digits YYMMDD; nothing unless it is a real day.
std::optional<Date> parse_yymmdd(std::string_view text);

/// Four digits YYMM as the last day of that month; nothing unless the month is 01-12.
std::optional<Date> parse_yymm_end(std::string_view text);

/// "2026-11-22"; nothing unless it is a real day of 2000-2099.
std::optional<Date> parse_iso_date(std::string_view text);

}  // namespace emvcrypto

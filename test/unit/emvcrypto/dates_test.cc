#include "emvcrypto/dates.h"

#include <catch2/catch.hpp>

using namespace emvcrypto;

TEST_CASE("real days are read, others are not") {
  CHECK(parse_yymmdd("261122") == Date{2026, 11, 22});
  CHECK(parse_yymmdd("240229") == Date{2024, 2, 29});
  CHECK(parse_yymmdd("000101") == Date{2000, 1, 1});
  CHECK(parse_yymmdd("991231") == Date{2099, 12, 31});
  for (const char* text : {"250229", "261301", "260001", "260100", "260431", "2611220", "26112", "",
                           "26112A", "-61122", "26-122", " 61122"})
    CHECK_FALSE(parse_yymmdd(text));
}

TEST_CASE("a month stands for its last day") {
  CHECK(parse_yymm_end("2602") == Date{2026, 2, 28});
  CHECK(parse_yymm_end("2402") == Date{2024, 2, 29});
  CHECK(parse_yymm_end("4912") == Date{2049, 12, 31});
  for (const char* text : {"2600", "2613", "26", "26021", "2x02", ""})
    CHECK_FALSE(parse_yymm_end(text));
}

TEST_CASE("ISO dates of this century are read") {
  CHECK(parse_iso_date("2026-11-22") == Date{2026, 11, 22});
  for (const char* text : {"1999-12-31", "2100-01-01", "2026-02-29", "2026/11/22", "26-11-22",
                           "2026-1-022", "20261122", ""})
    CHECK_FALSE(parse_iso_date(text));
}

TEST_CASE("dates are written as cards and people want them") {
  const Date date{2026, 3, 9};
  CHECK(date.yymmdd() == "260309");
  CHECK(date.yymm() == "2603");
  CHECK(date.mmyy() == "0326");
  CHECK(date.iso() == "2026-03-09");
}

TEST_CASE("dates are ordered by the calendar") {
  CHECK(Date{2026, 11, 22} < Date{2026, 12, 1});
  CHECK(Date{2025, 12, 31} < Date{2026, 1, 1});
}

TEST_CASE("months have their Gregorian lengths") {
  CHECK(days_in_month(2000, 2) == 29);
  CHECK(days_in_month(2100, 2) == 28);
  CHECK(days_in_month(2026, 4) == 30);
  CHECK(days_in_month(2026, 0) == 0);
  CHECK(days_in_month(2026, 13) == 0);
}

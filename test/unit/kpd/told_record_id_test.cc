#include "kpd/intake/told_record_id.h"

#include <catch2/catch.hpp>

TEST_CASE("a record's id is told unless a PAN may stand in it") {
  for (const char* id :
       {"", "00000001", "A-17", "12345674", "4761739001010118", "476173900101011X"})
    CHECK(kpd::told_record_id(id) == id);
  for (const char* pan : {"4761739001010119", "5413330089010434", "4761-7390-0101-0119",
                          "ID/4761739001010119/7", "R4761 7390 0101 0119"})
    CHECK(kpd::told_record_id(pan).empty());
}

TEST_CASE("an id that holds the card's PAN is known whatever stands between the digits") {
  const char* pan = "4761739001010119";
  for (const char* id : {"4761739001010119", "4761.7390.0101.0119", "17-4761739001010119-2"})
    CHECK(kpd::holds_pan(id, pan));
  for (const char* id : {"", "00000017", "476173900101011", "9101010093716740"})
    CHECK_FALSE(kpd::holds_pan(id, pan));
  CHECK_FALSE(kpd::holds_pan("17", ""));
}

#include "kpd/intake/told_record_id.h"

#include <catch2/catch.hpp>

TEST_CASE("a record's id is told unless it may be a PAN") {
  for (const char* id :
       {"", "00000001", "A-17", "12345674", "4761739001010118", "476173900101011X"})
    CHECK(kpd::told_record_id(id) == id);
  for (const char* pan : {"4761739001010119", "5413330089010434"})
    CHECK(kpd::told_record_id(pan).empty());
}

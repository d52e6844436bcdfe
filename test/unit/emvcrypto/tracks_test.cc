#include "emvcrypto/tracks.h"

#include <catch2/catch.hpp>

using namespace emvcrypto;

namespace {

TrackData card() {
  return {"4761739001010119", "O'NEIL/ANNA", "3112", "201", "1234567890"};
}

}  // namespace

TEST_CASE("tracks are laid out as ISO/IEC 7813 says") {
  CHECK(track1(card()) == "%B4761739001010119^O'NEIL/ANNA^31122011234567890?");
  CHECK(track2(card()) == ";4761739001010119=31122011234567890?");
  CHECK(to_hex(track2_equivalent(card())) == "4761739001010119D31122011234567890");
}

TEST_CASE("track 2 equivalent data of odd length end with F") {
  TrackData data = card();
  data.pan = "476173900101011";
  CHECK(to_hex(track2_equivalent(data)) == "476173900101011D31122011234567890F");
}

TEST_CASE("a track takes what its length allows and no more") {
  TrackData data = card();
  const std::string digits(60, '7');
  data.discretionary = std::string_view(digits).substr(0, 13);
  CHECK(track2(data).size() == 39);
  CHECK(to_hex(track2_equivalent(data)).ends_with("7F"));
  CHECK(track2_equivalent(data).size() == 19);
  data.discretionary = std::string_view(digits).substr(0, 15);
  CHECK_THROWS_AS(track2(data), std::invalid_argument);
  CHECK_THROWS_AS(track2_equivalent(data), std::invalid_argument);
  data.discretionary = std::string_view(digits).substr(0, 39);
  CHECK(track1(data).size() == 78);
  data.discretionary = std::string_view(digits).substr(0, 40);
  CHECK_THROWS_AS(track1(data), std::invalid_argument);
}

TEST_CASE("tracks refuse fields that they cannot carry") {
  const auto refused = [](auto change) {
    TrackData data = card();
    change(data);
    CHECK_THROWS_AS(track1(data), std::invalid_argument);
  };
  refused([](TrackData& data) { data.pan = "47617390010"; });
  refused([](TrackData& data) { data.pan = "47617390010101190000"; });
  refused([](TrackData& data) { data.pan = "4761739001010=19"; });
  refused([](TrackData& data) { data.expiry_yymm = "311"; });
  refused([](TrackData& data) { data.service_code = "2O1"; });
  refused([](TrackData& data) { data.name = "A"; });
  refused([](TrackData& data) { data.name = "ABCDEFGHIJKLMNOPQRSTUVWXYZ/"; });
  refused([](TrackData& data) { data.name = "o'neil/anna"; });
  refused([](TrackData& data) { data.discretionary = "a"; });
  TrackData data = card();
  data.discretionary = "A";
  CHECK_THROWS_AS(track2(data), std::invalid_argument);
  CHECK_THROWS_AS(track2_equivalent(data), std::invalid_argument);
}

TEST_CASE("a name has only characters of track 1") {
  CHECK(is_track1_name("VAN DER BERG-O'NEIL/J.DR"));
  for (const char* name : {"A^B", "A%B", "A?B", "abc", "M\xC3\x9CLLER/A", "A\tB"})
    CHECK_FALSE(is_track1_name(name));
}

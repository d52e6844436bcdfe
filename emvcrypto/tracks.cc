#include "emvcrypto/tracks.h"

#include <stdexcept>

namespace emvcrypto {
namespace {

// Characters of a track with both sentinels but without the LRC's place.
constexpr std::size_t kTrack1Limit = 78;
constexpr std::size_t kTrack2Limit = 39;
constexpr std::size_t kEquivalentLimit = 19;

bool all_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_track1_text(std::string_view text) {
  for (char c : text)
    if (c < ' ' || c > '_' || c == '%' || c == '?' || c == '^') return false;
  return true;
}

void require_stripe_fields(const TrackData& data) {
  if (data.pan.size() < 12 || data.pan.size() > 19 || !all_digits(data.pan))
    throw std::invalid_argument("a track's PAN has 12 to 19 digits");
  if (data.expiry_yymm.size() != 4 || !all_digits(data.expiry_yymm))
    throw std::invalid_argument("a track's expiry date has 4 digits");
  if (data.service_code.size() != 3 || !all_digits(data.service_code))
    throw std::invalid_argument("a track's service code has 3 digits");
}

void require_digits(std::string_view discretionary) {
  if (!all_digits(discretionary))
    throw std::invalid_argument("discretionary data of track 2 are digits");
}

void require_fits(std::size_t size, std::size_t limit) {
  if (size > limit) throw std::invalid_argument("a track is too long for its place");
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (std::string_view part : parts) all += part;
  return all;
}

}  // namespace

std::string track1(const TrackData& data) {
  require_stripe_fields(data);
  if (data.name.size() < 2 || data.name.size() > 26 || !is_track1_name(data.name))
    throw std::invalid_argument("track 1 cannot carry the name");
  if (!is_track1_text(data.discretionary))
    throw std::invalid_argument("track 1 cannot carry its discretionary data");
  std::string track = joined({"%B", data.pan, "^", data.name, "^", data.expiry_yymm,
                              data.service_code, data.discretionary, "?"});
  require_fits(track.size(), kTrack1Limit);
  return track;
}

std::string track2(const TrackData& data) {
  require_stripe_fields(data);
  require_digits(data.discretionary);
  std::string track =
      joined({";", data.pan, "=", data.expiry_yymm, data.service_code, data.discretionary, "?"});
  require_fits(track.size(), kTrack2Limit);
  return track;
}

Bytes track2_equivalent(const TrackData& data) {
  require_stripe_fields(data);
  require_digits(data.discretionary);
  std::string digits =
      joined({data.pan, "D", data.expiry_yymm, data.service_code, data.discretionary});
  if (digits.size() % 2 != 0) digits += 'F';
  require_fits(digits.size() / 2, kEquivalentLimit);
  return from_hex(digits);
}

bool is_track1_name(std::string_view name) {
  return is_track1_text(name);
}

}  // namespace emvcrypto

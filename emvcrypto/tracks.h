/// Magnetic stripe tracks 1 and 2 (ISO/IEC 7813) and track 2 equivalent data (tag 57).
#pragma once

#include <string>
#include <string_view>

#include "emvcrypto/bytes.h"

namespace emvcrypto {

struct TrackData {
  std::string_view pan;            ///< 12-19 digits
  std::string_view name;           ///< 2-26 characters, SURNAME/GIVEN; track 1 only
  std::string_view expiry_yymm;    ///< 4 digits
  std::string_view service_code;   ///< 3 digits
  std::string_view discretionary;  ///< digits on track 2; track 1 characters on track 1
};

/// "%B<pan>^<name>^<yymm><sc><disc>?", at most 79 characters with sentinels and LRC place
/// (ISO/IEC 7813). Throws std::invalid_argument when it would be longer.
std::string track1(const TrackData& data);

/// ";<pan>=<yymm><sc><disc>?", at most 40 characters with sentinels and LRC place.
std::string track2(const TrackData& data);

/// Tag 57: PAN, D, YYMM, service code, discretionary data, F to a whole byte; at most 19 bytes
/// (EMV 4.4 Book 3, A1). Throws std::invalid_argument when longer.
Bytes track2_equivalent(const TrackData& data);

/// Whether track 1 can carry every character of this name (ISO/IEC 7811-6 alphabet, without the
/// sentinels and the separator).
bool is_track1_name(std::string_view name);

}  // namespace emvcrypto

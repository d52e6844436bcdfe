// The table of tag_sources.h. What stands in none of its lists and is in the dictionary of tags
// comes from the card, in no certain place.
#include <algorithm>
#include <array>

#include "emvcrypto/tags.h"
#include "kpd/plan/tag_sources.h"

namespace kpd {
namespace {

using emvcrypto::Tag;

constexpr std::array<Tag, 36> kRecord{
    0x56,   0x57,   0x5A,   0x5F20, 0x5F24, 0x5F25, 0x5F28, 0x5F30, 0x5F34, 0x8C,   0x8D,   0x8E,
    0x8F,   0x90,   0x92,   0x93,   0x97,   0x9F05, 0x9F07, 0x9F08, 0x9F0B, 0x9F0D, 0x9F0E, 0x9F0F,
    0x9F1F, 0x9F20, 0x9F2D, 0x9F2E, 0x9F32, 0x9F42, 0x9F44, 0x9F46, 0x9F47, 0x9F48, 0x9F49, 0x9F4A};
constexpr std::array<Tag, 11> kFci{0x50,   0x6F,   0x84,   0x87,   0x88,  0xA5,
                                   0x5F2D, 0x9F11, 0x9F12, 0x9F38, 0xBF0C};
constexpr std::array<Tag, 2> kGpo{0x82, 0x94};
constexpr std::array<Tag, 4> kGetData{0x9F13, 0x9F17, 0x9F36, 0x9F4F};
constexpr std::array<Tag, 5> kResponse{0x9F26, 0x9F27, 0x9F45, 0x9F4B, 0x9F4C};
constexpr std::array<Tag, 42> kTerminal{
    0x5F2A, 0x5F36, 0x5F57, 0x81,   0x83,   0x89,   0x8A,   0x91,   0x95,   0x98,   0x99,
    0x9A,   0x9B,   0x9C,   0x9F01, 0x9F02, 0x9F03, 0x9F04, 0x9F06, 0x9F09, 0x9F15, 0x9F16,
    0x9F1A, 0x9F1B, 0x9F1C, 0x9F1D, 0x9F1E, 0x9F21, 0x9F22, 0x9F33, 0x9F34, 0x9F35, 0x9F37,
    0x9F39, 0x9F3A, 0x9F3C, 0x9F3D, 0x9F40, 0x9F41, 0x9F4E, 0x9F6A, 0x9F7A};
constexpr std::array<Tag, 2> kEither{0x9F66, 0x9F7C};

template <std::size_t N>
bool holds(const std::array<Tag, N>& list, Tag tag) {
  return std::find(list.begin(), list.end(), tag) != list.end();
}

}  // namespace

TagSource tag_source(Tag tag) {
  if (holds(kRecord, tag)) return TagSource::record;
  if (holds(kFci, tag)) return TagSource::fci;
  if (holds(kGpo, tag)) return TagSource::gpo;
  if (holds(kGetData, tag)) return TagSource::get_data;
  if (holds(kResponse, tag)) return TagSource::response;
  if (holds(kTerminal, tag)) return TagSource::terminal;
  if (holds(kEither, tag)) return TagSource::either;
  return emvcrypto::find_tag_info(tag) == nullptr ? TagSource::unknown : TagSource::card;
}

bool is_private(Tag tag) {
  return (emvcrypto::tag_bytes(tag)[0] & 0xC0) == 0xC0;
}

}  // namespace kpd

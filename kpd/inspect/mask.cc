#include "kpd/inspect/mask.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "emvcrypto/pan.h"
#include "kpd/inspect/numbers.h"

namespace kpd::inspect {
namespace {

bool is_letter_or_digit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char upper(char c) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
}

/// Where `wanted` starts in `text` at or after `from`, small and capital letters alike.
std::size_t find_alike(std::string_view text, std::string_view wanted, std::size_t from) {
  const auto found =
      std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), wanted.begin(),
                  wanted.end(), [](char a, char b) { return upper(a) == upper(b); });
  return found == text.end() ? std::string_view::npos
                             : static_cast<std::size_t>(found - text.begin());
}

/// The parts of a track; `rest` is expiry, service code and discretionary data.
struct Track {
  std::string_view head, pan, name, rest, tail;
};
constexpr std::size_t kDateAndService = 7;  ///< YYMM and service code

/// "%B<pan>^<name>^<rest>?", ";<pan>=<rest>?" or "<pan>=<rest>"; nothing when it is none of them.
std::optional<Track> parse_track(std::string_view text) {
  Track track;
  const bool first = text.starts_with("%B");
  track.head = text.substr(0, first ? 2 : text.starts_with(';') ? 1 : 0);
  track.tail = text.substr(text.size() - (text.ends_with('?') ? 1 : 0));
  if (track.head.size() + track.tail.size() > text.size()) return std::nullopt;
  track.rest = text.substr(track.head.size(), text.size() - track.head.size() - track.tail.size());
  const auto take = [&track](char separator) {
    const std::size_t end = std::min(track.rest.find(separator), track.rest.size());
    const std::string_view part = track.rest.substr(0, end);
    track.rest.remove_prefix(std::min(end + 1, track.rest.size()));
    return part;
  };
  track.pan = take(first ? '^' : '=');
  if (first) track.name = take('^');
  const bool sound = track.pan.size() >= kShortestPan &&
                     std::all_of(track.pan.begin(), track.pan.end(), is_digit) &&
                     first != track.name.empty() && track.rest.size() >= kDateAndService;
  return sound ? std::optional(track) : std::nullopt;
}

void hide_lone_verification_values(std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_letter_or_digit(text[end])) ++end;
    if (end - i == 3 && std::all_of(&text[i], &text[i] + 3, is_digit)) text.replace(i, 3, "***");
    i = end + 1;
  }
}

}  // namespace

void Mask::learn(ByteView tlvs) {
  if (const auto pan = emvcrypto::find_tlv(tlvs, 0x5A)) {
    const std::string digits = emvcrypto::to_hex(*pan);
    learn_pan(std::string_view(digits).substr(0, digits.find('F')));
  }
  if (const auto track = emvcrypto::find_tlv(tlvs, 0x57)) {
    const std::string digits = emvcrypto::to_hex(*track);
    learn_pan(std::string_view(digits).substr(0, digits.find('D')));
  }
  for (const emvcrypto::Tag tag : {0x5F20u, 0x9F0Bu})
    if (const auto name = emvcrypto::find_tlv(tlvs, tag)) learn_name(emvcrypto::as_text(*name));
}

void Mask::learn_track(std::string_view text) {
  const auto track = parse_track(text);
  if (!track) return;
  learn_pan(track->pan);
  learn_name(track->name);
}

void Mask::learn_pan(std::string_view digits) {
  if (digits.size() >= kShortestPan && std::all_of(digits.begin(), digits.end(), is_digit))
    pans_.emplace(digits);
}

void Mask::learn_name(std::string_view name) {
  const auto last = name.find_last_not_of(' ');
  if (last != std::string_view::npos && last >= 2) names_.emplace(name.substr(0, last + 1));
}

void Mask::forget() {
  pans_.clear();
  names_.clear();
}

std::string Mask::pan(std::string_view digits) const {
  return open_ ? std::string(digits) : emvcrypto::mask_pan(digits);
}

std::string Mask::name(std::string_view text) const {
  std::string shown(text);
  if (open_) return shown;
  bool initial = true;
  for (char& c : shown) {
    const bool inside = c != ' ' && c != '/' && c != '.' && c != '-';
    if (inside && !initial) c = '*';
    initial = !inside;
  }
  return shown;
}

std::string Mask::all(std::string_view text) const {
  return open_ ? std::string(text) : std::string(text.size(), '*');
}

std::string Mask::text(std::string_view text) const {
  std::string shown(text);
  if (open_) return shown;
  for (const std::string& known : names_)
    for (std::size_t at = find_alike(shown, known, 0); at != std::string::npos;
         at = find_alike(shown, known, at + known.size()))
      shown.replace(at, known.size(), name(std::string_view(shown).substr(at, known.size())));
  hide_numbers(shown, pans_, true);
  return shown;
}

std::string Mask::track(std::string_view text) const {
  if (open_) return std::string(text);
  const auto track = parse_track(text);
  if (!track) return this->text(text);
  const std::string middle = track->name.empty() ? "=" : "^" + name(track->name) + "^";
  return std::string(track->head) + pan(track->pan) + middle +
         std::string(track->rest.substr(0, kDateAndService)) +
         all(track->rest.substr(kDateAndService)) + std::string(track->tail);
}

std::string Mask::strict_track(std::string_view text) const {
  return parse_track(text) ? track(text) : all(text);
}

std::string Mask::module(std::string_view text) const {
  std::string shown = track(text);
  const bool is_track = text.starts_with("%B") || text.starts_with(';');
  if (!open_ && !is_track) hide_lone_verification_values(shown);
  return shown;
}

std::string Mask::hex(ByteView bytes, bool guess) const {
  std::string shown = emvcrypto::to_hex(bytes);
  if (open_) return shown;
  for (const std::string& pan : pans_) {
    hide_known(shown, pan);
    hide_known(shown, emvcrypto::to_hex(emvcrypto::as_bytes(pan)));
  }
  for (const std::string& name : names_)
    hide_known(shown, emvcrypto::to_hex(emvcrypto::as_bytes(name)));
  if (guess) hide_numbers(shown, {}, false);
  return shown;
}

}  // namespace kpd::inspect

#include "kpd/inspect/numbers.h"

#include <vector>

#include "emvcrypto/pan.h"

namespace kpd::inspect {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Digits of a text that may belong together: with their places, and where groups start.
struct Chain {
  std::string digits;
  std::vector<std::size_t> places;
  std::vector<std::size_t> groups;  ///< indices in `digits`
};

/// The chain at the front of `text` from `at`, which moves behind it.
Chain take_chain(const std::string& text, std::size_t& at, bool grouped) {
  Chain chain;
  bool starts = true;
  for (; at < text.size(); ++at) {
    if (is_digit(text[at])) {
      if (starts) chain.groups.push_back(chain.digits.size());
      starts = false;
      chain.digits.push_back(text[at]);
      chain.places.push_back(at);
      continue;
    }
    const bool separator = grouped && !starts && (text[at] == ' ' || text[at] == '-');
    if (!separator || at + 1 == text.size() || !is_digit(text[at + 1])) break;
    starts = true;
  }
  return chain;
}

void hide(std::string& text, const Chain& chain, std::size_t start, std::size_t count) {
  const std::string masked = emvcrypto::mask_pan(std::string(count, '0'));
  for (std::size_t i = 0; i < count; ++i)
    if (masked[i] == '*') text[chain.places[start + i]] = '*';
}

/// Hides the longest card number that is made of whole groups from group `first` on. Returns how
/// many groups it took; 0 when there is none.
std::size_t hide_groups(std::string& text, const Chain& chain, std::size_t first) {
  const std::size_t group_end =
      first + 1 < chain.groups.size() ? chain.groups[first + 1] : chain.digits.size();
  std::size_t start = chain.groups[first];
  while (start < group_end && chain.digits[start] == '0') ++start;
  if (start == group_end) return 0;
  if (group_end - start > kLongestPan) {
    hide(text, chain, start, group_end - start);
    return 1;
  }
  for (std::size_t last = chain.groups.size(); last > first; --last) {
    const std::size_t end = last < chain.groups.size() ? chain.groups[last] : chain.digits.size();
    const std::size_t count = end - start;
    if (count < kShortestPan || count > kLongestPan) continue;
    if (!emvcrypto::luhn_valid(std::string_view(chain.digits).substr(start, count))) continue;
    hide(text, chain, start, count);
    return last - first;
  }
  return 0;
}

}  // namespace

void hide_numbers(std::string& text, const std::set<std::string, std::less<>>& known,
                  bool grouped) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    const Chain chain = take_chain(text, at, grouped);
    for (const std::string& pan : known)
      for (std::size_t found = chain.digits.find(pan); found != std::string::npos;
           found = chain.digits.find(pan, found + pan.size()))
        hide(text, chain, found, pan.size());
    for (std::size_t group = 0; group < chain.groups.size();)
      group += std::max<std::size_t>(hide_groups(text, chain, group), 1);
  }
}

void hide_known(std::string& text, const std::string& known) {
  const std::string masked = emvcrypto::mask_pan(known);
  for (std::size_t at = text.find(known); at != std::string::npos;
       at = text.find(known, at + known.size()))
    text.replace(at, known.size(), masked);
}

}  // namespace kpd::inspect

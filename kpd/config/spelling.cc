#include "kpd/config/spelling.h"

#include <algorithm>
#include <numeric>

namespace kpd {
namespace {

/// Insertions, deletions and replacements between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
      corner = above;
    }
  }
  return row.back();
}

}  // namespace

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > 64) return {};
  std::size_t nearest = word.size() < 4 ? 2 : 3;
  const std::string* best = nullptr;
  for (const std::string& candidate : known) {
    const std::size_t far = distance(word, candidate);
    if (far >= nearest) continue;
    nearest = far;
    best = &candidate;
  }
  return best == nullptr ? std::string() : "did you mean '" + *best + "'?";
}

std::string did_you_mean(std::string_view word, std::initializer_list<std::string_view> known) {
  return did_you_mean(word, std::vector<std::string>(known.begin(), known.end()));
}

}  // namespace kpd

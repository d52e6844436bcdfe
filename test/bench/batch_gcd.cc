#include "test/bench/batch_gcd.h"

#include <gmpxx.h>

namespace {

using Level = std::vector<mpz_class>;

/// Products of two and two, up to the product of all.
std::vector<Level> product_tree(Level leaves) {
  std::vector<Level> levels{std::move(leaves)};
  while (levels.back().size() > 1) {
    const Level& below = levels.back();
    Level above;
    for (std::size_t i = 0; i + 1 < below.size(); i += 2) above.push_back(below[i] * below[i + 1]);
    if (below.size() % 2 == 1) above.push_back(below.back());
    levels.push_back(std::move(above));
  }
  return levels;
}

}  // namespace

std::vector<std::size_t> shared_factors(const std::vector<emvcrypto::Bytes>& moduli) {
  Level leaves(moduli.size());
  for (std::size_t i = 0; i < moduli.size(); ++i)
    mpz_import(leaves[i].get_mpz_t(), moduli[i].size(), 1, 1, 0, 0, moduli[i].data());
  std::vector<std::size_t> shared;
  if (leaves.empty()) return shared;
  std::vector<Level> levels = product_tree(std::move(leaves));
  // Down again: the product of all modulo the square of each.
  Level remainders = levels.back();
  for (std::size_t level = levels.size() - 1; level-- > 0;) {
    levels[level + 1].clear();
    Level next(levels[level].size());
    for (std::size_t i = 0; i < next.size(); ++i) {
      const mpz_class square = levels[level][i] * levels[level][i];
      next[i] = remainders[i / 2] % square;
    }
    remainders = std::move(next);
  }
  for (std::size_t i = 0; i < remainders.size(); ++i)
    if (gcd(mpz_class(remainders[i] / levels[0][i]), levels[0][i]) != 1) shared.push_back(i);
  return shared;
}

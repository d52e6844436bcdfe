/// Which records of a file people want to see.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kpd/inspect/node.h"

namespace kpd::inspect {

struct Wish {
  std::string record;                  ///< place in the file from 1, or record id
  std::optional<std::uint64_t> limit;  ///< how many at most; absent: what the file's kind has
  bool all = false;
  bool show_pan = false;
};

/// Cards take a screen each.
inline constexpr std::uint64_t kCardsShown = 3;

/// Counts records as they pass and says which are shown.
class Selection {
 public:
  /// fallback: how many are shown of a file of this kind unless the wish says otherwise.
  Selection(const Wish& wish, std::uint64_t fallback)
      : wish_(wish), limit_(wish.all ? UINT64_MAX : wish.limit.value_or(fallback)) {}

  /// Whether to show the next record, whose id this is.
  bool next(const std::string& id);
  std::uint64_t place() const { return seen_; }  ///< of the record in hand, from 1

  /// "494 more records" when some were left out, else nothing. Throws Failure(usage) when a record
  /// was asked for and has not passed.
  std::vector<Node> rest() const;

 private:
  bool is_wanted(const std::string& id) const;

  const Wish& wish_;
  std::uint64_t limit_;
  std::uint64_t seen_ = 0, shown_ = 0;
};

}  // namespace kpd::inspect

#include "kpd/inspect/selection.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/inspect/writer.h"

namespace kpd::inspect {

bool Selection::is_wanted(const std::string& id) const {
  if (!wish_.record.empty()) return wish_.record == id || wish_.record == std::to_string(seen_);
  return shown_ < limit_;
}

bool Selection::next(const std::string& id) {
  ++seen_;
  if (!is_wanted(id)) return false;
  ++shown_;
  return true;
}

std::vector<Node> Selection::rest() const {
  if (!wish_.record.empty()) {
    if (shown_ == 0)
      throw Failure(ExitCode::usage, fmt::format("no record '{}' in this file of {}",
                                                 printable(wish_.record), seen_));
    return {};
  }
  if (shown_ == seen_) return {};
  Node more = branch("more", "", fmt::format("{} more", seen_ - shown_));
  more.value = "--all shows them, --record ID one of them";
  return {more};
}

}  // namespace kpd::inspect

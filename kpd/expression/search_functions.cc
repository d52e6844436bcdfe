// Parts of texts, choices among texts.
#include <algorithm>
#include <set>

#include "kpd/expression/function_bodies.h"
#include "kpd/expression/integer.h"

namespace kpd::expression {
namespace {

/// What is looked for is short, so that a search takes no longer than its text times this.
constexpr std::size_t kMaxSought = 256;

Result flag(bool value) {
  return std::string(value ? "1" : "");
}

/// Why `sought` cannot be looked for; empty when it can.
std::string find_mistake(const std::string& sought) {
  if (sought.empty()) return "what is looked for is empty";
  if (sought.size() > kMaxSought) return "what is looked for is longer than 256 bytes";
  return {};
}

}  // namespace

Result replace(Arguments a) {
  const std::string &text = a[0], &from = a[1], &to = a[2];
  if (auto wrong = find_mistake(from); !wrong.empty()) return refuse(std::move(wrong));
  std::string changed;
  std::size_t at = 0;
  for (std::size_t found = text.find(from); found != std::string::npos;
       found = text.find(from, at)) {
    changed.append(text, at, found - at);
    changed += to;
    at = found + from.size();
    if (changed.size() > Expression::kMaxResult) return refuse("the text is too long");
  }
  return changed.append(text, at);
}

Result part(Arguments a) {
  const std::string &text = a[0], &separator = a[1];
  if (auto wrong = find_mistake(separator); !wrong.empty()) return refuse(std::move(wrong));
  const auto number = parse_integer(a[2]);
  if (!number || *number < 1) return refuse("the part's number is no integer from 1 on");
  std::size_t from = 0;
  for (std::int64_t i = 1;; ++i) {
    const std::size_t end = text.find(separator, from);
    if (i == *number) return text.substr(from, end - from);
    if (end == std::string::npos) return std::string();
    from = end + separator.size();
  }
}

Result join(Arguments a) {
  std::string whole;
  for (const std::string& text : a.subspan(1)) {
    if (text.empty()) continue;
    if (!whole.empty()) whole += a[0];
    whole += text;
    if (whole.size() > Expression::kMaxResult) return refuse("the text is too long");
  }
  return whole;
}

Result coalesce(Arguments a) {
  for (const std::string& text : a)
    if (!text.empty()) return text;
  return std::string();
}

Result lookup(Arguments a) {
  std::size_t i = 1;
  for (; i + 1 < a.size(); i += 2)
    if (a[i] == a[0]) return a[i + 1];
  if (i < a.size()) return a[i];
  return refuse("the text is none of those listed");
}

std::string check_lookup(Literals a) {
  std::set<std::string_view> seen;
  for (std::size_t i = 1; i + 1 < a.size(); i += 2)
    if (a[i] != nullptr && !seen.insert(*a[i]).second) return "'" + *a[i] + "' stands here twice";
  return {};
}

Result one_of(Arguments a) {
  return flag(std::find(a.begin() + 1, a.end(), a[0]) != a.end());
}

Result starts_with(Arguments a) {
  return flag(a[0].starts_with(a[1]));
}

Result ends_with(Arguments a) {
  return flag(a[0].ends_with(a[1]));
}

Result contains(Arguments a) {
  if (auto wrong = find_mistake(a[1]); !wrong.empty()) return refuse(std::move(wrong));
  return flag(a[0].find(a[1]) != std::string::npos);
}

}  // namespace kpd::expression

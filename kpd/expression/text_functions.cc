// Letters, blanks, lengths and places.
#include <algorithm>
#include <limits>

#include "kpd/expression/characters.h"
#include "kpd/expression/function_bodies.h"
#include "kpd/expression/integer.h"

namespace kpd::expression {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// An argument that counts characters: 0 to Expression::kMaxResult, from `low` on.
emvcrypto::Expected<std::size_t> count_of(const std::string& text, std::size_t low,
                                          const char* name) {
  const auto value = parse_integer(text);
  if (!value || *value < static_cast<std::int64_t>(low) ||
      *value > static_cast<std::int64_t>(Expression::kMaxResult))
    return refuse(std::string(name) + " is no integer of " + std::to_string(low) + " to " +
                  std::to_string(Expression::kMaxResult));
  return static_cast<std::size_t>(*value);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// How much fill a text needs to reach its width.
Result filling(Arguments a) {
  const auto width = count_of(a[1], 0, "the width");
  if (!width) return tl::unexpected(width.error());
  if (character_count(a[2]) != 1) return refuse("the fill is not one character");
  const std::size_t has = character_count(a[0]);
  if (has > *width) return refuse("the text is longer than " + std::to_string(*width));
  if ((*width - has) * a[2].size() > Expression::kMaxResult) return refuse("the text is too long");
  std::string fill;
  for (std::size_t i = has; i < *width; ++i) fill += a[2];
  return fill;
}

}  // namespace

tl::unexpected<emvcrypto::Fault> refuse(std::string reason) {
  return emvcrypto::fault("expression", std::move(reason));
}

Result upper(Arguments a) {
  std::string text = a[0];
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

Result lower(Arguments a) {
  std::string text = a[0];
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

Result trim(Arguments a) {
  return std::string(trimmed(a[0]));
}

Result squeeze(Arguments a) {
  std::string text;
  for (char c : trimmed(a[0])) {
    const bool blank = kBlanks.find(c) != std::string_view::npos;
    if (!blank)
      text += c;
    else if (text.back() != ' ')
      text += ' ';
  }
  return text;
}

Result len(Arguments a) {
  return std::to_string(character_count(a[0]));
}

Result sub(Arguments a) {
  const auto from = count_of(a[1], 1, "the place");
  if (!from) return tl::unexpected(from.error());
  if (a.size() == 2) return a[0].substr(character_start(a[0], *from - 1));
  const auto count = count_of(a[2], 0, "the count");
  if (!count) return tl::unexpected(count.error());
  return std::string(characters(a[0], *from - 1, *count));
}

Result left(Arguments a) {
  const auto count = count_of(a[1], 0, "the count");
  if (!count) return tl::unexpected(count.error());
  return std::string(characters(a[0], 0, *count));
}

Result right(Arguments a) {
  const auto count = count_of(a[1], 0, "the count");
  if (!count) return tl::unexpected(count.error());
  const std::size_t has = character_count(a[0]);
  return a[0].substr(character_start(a[0], has - std::min(has, *count)));
}

Result pad_left(Arguments a) {
  return filling(a).map([&](const std::string& fill) { return fill + a[0]; });
}

Result pad_right(Arguments a) {
  return filling(a).map([&](const std::string& fill) { return a[0] + fill; });
}

Result overlay(Arguments a) {
  const auto from = count_of(a[1], 1, "the place");
  if (!from) return tl::unexpected(from.error());
  const std::size_t has = character_count(a[0]), put = character_count(a[2]);
  if (*from - 1 + put > has) return refuse("the text ends before the place that is to change");
  const std::size_t first = character_start(a[0], *from - 1);
  const std::size_t last = character_start(a[0], *from - 1 + put);
  return a[0].substr(0, first) + a[2] + a[0].substr(last);
}

}  // namespace kpd::expression

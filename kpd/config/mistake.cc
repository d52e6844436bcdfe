#include "kpd/config/mistake.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpd {
namespace {

constexpr std::ptrdiff_t kMost = 1000;  ///< errors that are told, and as many warnings

std::string lines(const std::vector<Mistake>& mistakes) {
  std::string text;
  for (const Mistake& mistake : mistakes) text += (text.empty() ? "" : "\n") + mistake.line();
  return text;
}

ExitCode exit_code(const std::vector<Mistake>& mistakes) {
  const bool only_keys = std::all_of(mistakes.begin(), mistakes.end(),
                                     [](const Mistake& m) { return m.id == kMissingKey; });
  return only_keys ? ExitCode::hold : ExitCode::usage;
}

}  // namespace

std::string FilePlace::text() const {
  return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column);
}

std::string Mistake::line() const {
  std::string all = place.text();
  if (!all.empty()) all += ": ";
  if (!path.empty()) all += path + ": ";
  all += text;
  if (!hint.empty()) all += " (" + hint + ")";
  return all;
}

ConfigError::ConfigError(const std::string& what) : Failure(ExitCode::usage, what), mistakes_(1) {
  mistakes_.front().text = what;
}

ConfigError::ConfigError(std::vector<Mistake> mistakes)
    : Failure(exit_code(mistakes), lines(mistakes)), mistakes_(std::move(mistakes)) {}

void Mistakes::add(Mistake mistake) {
  ++added_;
  const auto same = [&](const Mistake& other) {
    return other.place == mistake.place && other.text == mistake.text;
  };
  const auto before = std::count_if(all_.begin(), all_.end(),
                                    [&](const Mistake& m) { return m.warning == mistake.warning; });
  if (before > kMost || std::any_of(all_.begin(), all_.end(), same)) return;
  if (before == kMost) {
    Mistake last;
    last.text = mistake.warning ? "there are more warnings" : "there are more mistakes";
    last.id = "too-many";
    last.warning = mistake.warning;
    mistake = std::move(last);
  }
  all_.push_back(std::move(mistake));
}

bool Mistakes::guard(const std::function<void()>& part) {
  try {
    part();
    return true;
  } catch (const ConfigError& error) {
    for (const Mistake& mistake : error.mistakes()) add(mistake);
    return false;
  }
}

bool Mistakes::any_errors() const {
  return std::any_of(all_.begin(), all_.end(), [](const Mistake& m) { return !m.warning; });
}

void Mistakes::throw_if_any() const {
  if (!any_errors()) return;
  std::vector<Mistake> errors;
  std::copy_if(all_.begin(), all_.end(), std::back_inserter(errors),
               [](const Mistake& m) { return !m.warning; });
  std::stable_sort(errors.begin(), errors.end(),
                   [](const Mistake& a, const Mistake& b) { return a.place < b.place; });
  throw ConfigError(std::move(errors));
}

}  // namespace kpd

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "emvcrypto/cryptogram.h"
#include "kpd/calc/arguments.h"
#include "kpd/calc/hex_text.h"
#include "kpd/config/spelling.h"

namespace kpd::calc {

using emvcrypto::Expected;
using emvcrypto::Secret;

namespace {

constexpr std::string_view kDigits = "0123456789";

std::vector<std::string> words(std::string_view list) {
  std::vector<std::string> found;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (end > 0) found.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return found;
}

bool right_size(const Parameter& parameter, std::size_t size) {
  return size >= parameter.least && size <= parameter.most && size % parameter.step == 0;
}

std::string unit_of(const Parameter& parameter) {
  switch (parameter.kind) {
    case Kind::hex:
    case Kind::key:
      return "byte";
    case Kind::text:
      return "character";
    default:
      return "digit";
  }
}

std::string counted(std::size_t count, const std::string& unit) {
  return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

/// The parameter called so; else the reason, with a hint.
Expected<const Parameter*> find(std::span<const Parameter> parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  if (found != parameters.end()) return &*found;
  std::vector<std::string> known;
  for (const Parameter& parameter : parameters) known.emplace_back(parameter.name);
  const std::string hint = did_you_mean(name, known);
  // What is no word may be a value that lost its name: it is not told.
  const bool word = name.size() <= 24 && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-_") ==
                                             std::string_view::npos;
  return emvcrypto::fault("usage", (word ? fmt::format("there is no parameter '{}'", name)
                                         : std::string("there is a parameter that is unknown")) +
                                       (hint.empty() ? "" : ", " + hint));
}

}  // namespace

std::vector<std::string> choices_of(const Parameter& parameter) {
  if (parameter.kind != Kind::version) return words(parameter.choices);
  std::vector<std::string> names;
  for (const auto& version : emvcrypto::cryptogram_versions()) names.emplace_back(version.name);
  return names;
}

std::string wanted(const Parameter& parameter) {
  if (parameter.kind == Kind::truth) return "true or false";
  if (parameter.kind == Kind::date) return "a date YYYY-MM-DD";
  if (parameter.kind == Kind::number)
    return fmt::format("a number from {} to {}", parameter.least, parameter.most);
  if (const auto choices = choices_of(parameter); !choices.empty()) {
    std::string list;
    for (const std::string& word : choices) list += (list.empty() ? "" : ", ") + word;
    return "one of " + list;
  }
  const std::string unit = unit_of(parameter);
  if (parameter.least == parameter.most) return counted(parameter.least, unit);
  std::string text = fmt::format("{} to {}", parameter.least, counted(parameter.most, unit));
  if (parameter.step > 1) text += fmt::format(", a multiple of {}", parameter.step);
  return text;
}

/// Builds Arguments.
class ArgumentCheck {
 public:
  explicit ArgumentCheck(bool clear_test_keys) : clear_test_keys_(clear_test_keys) {}

  Expected<void> take(const Parameter& parameter, const Given& given) {
    const auto taken =
        parameter.secret() ? take_secret(parameter, given) : take_open(parameter, given.text);
    if (taken) return {};
    return emvcrypto::fault("usage", fmt::format("{}: {}", parameter.name, taken.error().reason));
  }

  /// What is absent and has a fallback gets it; what is absent and required is told.
  Expected<void> complete(std::span<const Parameter> parameters) {
    std::string missing;
    for (const Parameter& parameter : parameters) {
      if (arguments_.has(parameter.name)) continue;
      if (!parameter.fallback.empty()) {
        if (auto taken = take(parameter, given_in_clear(parameter.fallback)); !taken) return taken;
      } else if (parameter.required) {
        missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", parameter.name,
                               wanted(parameter));
      }
    }
    if (missing.empty()) return {};
    return emvcrypto::fault("usage", "missing: " + missing);
  }

  Arguments result() { return std::move(arguments_); }

 private:
  Expected<void> wrong(const Parameter& parameter) {
    return emvcrypto::fault("usage", "wanted: " + wanted(parameter));
  }

  Expected<void> wrong_size(const Parameter& parameter, std::size_t size) {
    return emvcrypto::fault("usage", fmt::format("wanted: {}; given: {}", wanted(parameter),
                                                 counted(size, unit_of(parameter))));
  }

  Expected<void> take_secret(const Parameter& parameter, const Given& given) {
    if (given.in_clear && !clear_test_keys_)
      return emvcrypto::fault(
          "usage",
          fmt::format("a {} in clear is taken with --clear-test-keys alone, for tests; else give "
                      "it as @FILE, by --{}-fd 3, or as - to be asked for it",
                      parameter.kind == Kind::pin ? "PIN" : "key", parameter.name));
    auto& values = arguments_.values_[std::string(parameter.name)].secrets;
    if (parameter.kind == Kind::pin) {
      if (std::ranges::any_of(given.text.expose(),
                              [](std::uint8_t c) { return c < '0' || c > '9'; }))
        return emvcrypto::fault("usage", "a PIN has decimal digits alone");
      values.push_back(given.text.duplicate());
    } else {
      auto bytes = read_hex(given.text);
      if (!bytes) return tl::unexpected(bytes.error());
      values.push_back(*std::move(bytes));
    }
    if (!right_size(parameter, values.back().size()))
      return wrong_size(parameter, values.back().size());
    return {};
  }

  Expected<void> take_open(const Parameter& parameter, const Secret& given) {
    const std::string text(emvcrypto::as_text(given.expose()));
    if (parameter.kind == Kind::truth) {
      if (text == "true") arguments_.values_[std::string(parameter.name)];
      return text == "true" || text == "false" ? Expected<void>() : wrong(parameter);
    }
    Arguments::Value& value = arguments_.values_[std::string(parameter.name)];
    if (parameter.kind == Kind::hex) return take_hex(parameter, given, value);
    if (parameter.kind == Kind::number) {
      const auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), value.number);
      const bool fine = error == std::errc() && end == text.data() + text.size() &&
                        value.number >= parameter.least && value.number <= parameter.most;
      return fine ? Expected<void>() : wrong(parameter);
    }
    value.texts.push_back(text);
    return check_text(parameter, text);
  }

  Expected<void> take_hex(const Parameter& parameter, const Secret& given,
                          Arguments::Value& value) {
    const auto bytes = read_hex(given);
    if (!bytes) return tl::unexpected(bytes.error());
    if (!right_size(parameter, bytes->size())) return wrong_size(parameter, bytes->size());
    const auto view = bytes->expose();
    value.byte_strings.emplace_back(view.begin(), view.end());
    return {};
  }

  Expected<void> check_text(const Parameter& parameter, const std::string& text) {
    switch (parameter.kind) {
      case Kind::choice:
      case Kind::version: {
        const auto choices = choices_of(parameter);
        if (std::ranges::find(choices, text) != choices.end()) return {};
        const std::string hint = text.size() > 2 ? did_you_mean(text, choices) : "";
        return emvcrypto::fault("usage",
                                "wanted: " + wanted(parameter) + (hint.empty() ? "" : "; " + hint));
      }
      case Kind::date:
        return emvcrypto::parse_iso_date(text) ? Expected<void>() : wrong(parameter);
      case Kind::digits:
      case Kind::pan:
        if (text.find_first_not_of(kDigits) != std::string::npos)
          return emvcrypto::fault("usage", "decimal digits wanted, nothing else");
        break;
      default:
        break;
    }
    return right_size(parameter, text.size()) ? Expected<void>()
                                              : wrong_size(parameter, text.size());
  }

  bool clear_test_keys_;
  Arguments arguments_;
};

Expected<Arguments> check_arguments(std::span<const Parameter> parameters, const GivenValues& given,
                                    bool clear_test_keys) {
  for (const auto& [name, values] : given)
    if (const auto known = find(parameters, name); !known) return tl::unexpected(known.error());
  ArgumentCheck check(clear_test_keys);
  for (const auto& [name, values] : given) {
    const auto parameter = find(parameters, name);
    if (values.size() > 1 && !(*parameter)->many)
      return emvcrypto::fault(
          "usage", fmt::format("{}: one value wanted, there are {}", name, values.size()));
    for (const Given& value : values)
      if (const auto taken = check.take(**parameter, value); !taken)
        return tl::unexpected(taken.error());
  }
  if (const auto complete = check.complete(parameters); !complete)
    return tl::unexpected(complete.error());
  return check.result();
}

}  // namespace kpd::calc

/// Parameters of the calculator's functions, as data: command line, help, JSON input and the
/// check of every value come from these rows.
#pragma once

#include <cstddef>
#include <string_view>

namespace kpd::calc {

/// What a value is.
enum class Kind {
  text,     ///< characters; sizes count them
  digits,   ///< decimal digits; sizes count them
  pan,      ///< digits of a PAN: results show them masked
  hex,      ///< bytes in hexadecimal; sizes count bytes
  number,   ///< a decimal number; sizes are its range
  truth,    ///< a switch
  choice,   ///< one of the words in `choices`
  version,  ///< a cryptogram version's name
  date,     ///< YYYY-MM-DD
  key,      ///< secret bytes in hexadecimal; sizes count bytes
  pin       ///< a PIN: secret digits; sizes count them
};

/// One parameter. Built by the functions below and narrowed by its members, which return copies:
/// `hex("atc", "Transaction counter").sized(2).optional()`.
struct Parameter {
  std::string_view name;
  Kind kind = Kind::text;
  std::string_view help;
  std::size_t least = 0;        ///< smallest size
  std::size_t most = 4096;      ///< largest size
  std::size_t step = 1;         ///< sizes are multiples of this
  std::string_view choices{};   ///< words, with blanks between them
  std::string_view fallback{};  ///< the value where none is given
  bool required = true;
  bool positional = false;  ///< may stand on the command line without its name
  bool many = false;        ///< may be given more than once

  constexpr bool secret() const { return kind == Kind::key || kind == Kind::pin; }

  constexpr Parameter sized(std::size_t low, std::size_t high, std::size_t multiple = 1) const {
    Parameter copy = *this;
    copy.least = low;
    copy.most = high;
    copy.step = multiple;
    return copy;
  }
  constexpr Parameter sized(std::size_t exact) const { return sized(exact, exact); }
  constexpr Parameter optional() const {
    Parameter copy = *this;
    copy.required = false;
    return copy;
  }
  constexpr Parameter or_else(std::string_view value) const {
    Parameter copy = optional();
    copy.fallback = value;
    return copy;
  }
  constexpr Parameter called(std::string_view other_name, std::string_view other_help) const {
    Parameter copy = *this;
    copy.name = other_name;
    copy.help = other_help;
    return copy;
  }
  constexpr Parameter bare() const {
    Parameter copy = *this;
    copy.positional = true;
    return copy;
  }
  constexpr Parameter several() const {
    Parameter copy = *this;
    copy.many = true;
    return copy;
  }
};

constexpr Parameter text(std::string_view name, std::string_view help) {
  return {name, Kind::text, help};
}
constexpr Parameter digits(std::string_view name, std::string_view help) {
  return {name, Kind::digits, help};
}
constexpr Parameter hex(std::string_view name, std::string_view help) {
  return {name, Kind::hex, help};
}
constexpr Parameter number(std::string_view name, std::string_view help) {
  return {name, Kind::number, help};
}
constexpr Parameter truth(std::string_view name, std::string_view help) {
  return Parameter{name, Kind::truth, help}.optional();
}
constexpr Parameter choice(std::string_view name, std::string_view choices, std::string_view help) {
  Parameter parameter{name, Kind::choice, help};
  parameter.choices = choices;
  return parameter;
}
constexpr Parameter date(std::string_view name, std::string_view help) {
  return {name, Kind::date, help};
}
constexpr Parameter version() {
  return {"version", Kind::version, "Cryptogram version"};
}
constexpr Parameter pan() {
  return Parameter{"pan", Kind::pan, "Primary account number"}.sized(1, 19);
}
constexpr Parameter psn() {
  return Parameter{"psn", Kind::digits, "PAN sequence number"}.sized(2).or_else("00");
}
/// A double-length DES key, unless sized otherwise.
constexpr Parameter key(std::string_view name, std::string_view help) {
  return Parameter{name, Kind::key, help}.sized(16);
}
constexpr Parameter pin() {
  return Parameter{"pin", Kind::pin, "PIN, 4 to 12 digits"}.sized(4, 12);
}

}  // namespace kpd::calc

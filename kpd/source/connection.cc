#include "kpd/source/connection.h"

#include <algorithm>
#include <stdexcept>

namespace kpd {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) { skip_blanks(); }

  bool done() const { return at_ == text_.size(); }

  std::string key() {
    const std::size_t start = at_;
    while (!done() && ((text_[at_] >= 'a' && text_[at_] <= 'z') || text_[at_] == '_')) ++at_;
    std::string key(text_.substr(start, at_ - start));
    skip_blanks();
    if (key.empty() || done() || text_[at_] != '=')
      throw std::invalid_argument(
          "a connection is written as key=value pairs, as in 'host=db "
          "dbname=cards user=kpd'");
    ++at_;
    skip_blanks();
    return key;
  }

  std::string value() {
    const bool quoted = !done() && text_[at_] == '\'';
    if (quoted) ++at_;
    std::string value;
    while (!done() && (quoted ? text_[at_] != '\'' : kBlank.find(text_[at_]) == kBlank.npos)) {
      if (text_[at_] == '\\' && ++at_ == text_.size()) break;
      value += text_[at_++];
    }
    if (quoted && done()) throw std::invalid_argument("a quote in it is never closed");
    if (quoted) ++at_;
    skip_blanks();
    return value;
  }

 private:
  void skip_blanks() {
    while (!done() && kBlank.find(text_[at_]) != kBlank.npos) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

ConnectionParameters parse_connection(std::string_view text) {
  ConnectionParameters parameters;
  for (Scanner scanner(text); !scanner.done();) {
    std::string key = scanner.key();
    std::string value = scanner.value();
    if (std::any_of(parameters.begin(), parameters.end(),
                    [&](const auto& one) { return one.first == key; }))
      throw std::invalid_argument("'" + key + "' stands there twice");
    if (value.find("://") != value.npos)
      throw std::invalid_argument("the value of '" + key + "' is itself an address");
    parameters.emplace_back(std::move(key), std::move(value));
  }
  return parameters;
}

std::string connection_text(const ConnectionParameters& parameters) {
  std::string text;
  for (const auto& [key, value] : parameters) {
    if (!text.empty()) text += ' ';
    text += key + "='";
    for (char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += '\'';
  }
  return text;
}

}  // namespace kpd

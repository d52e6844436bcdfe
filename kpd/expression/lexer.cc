#include "kpd/expression/lexer.h"

#include <algorithm>
#include <array>

#include "kpd/expression/characters.h"
#include "kpd/expression/expression.h"
#include "kpd/expression/integer.h"

namespace kpd {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_character(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

}  // namespace

bool is_expression_name(std::string_view name) {
  return !name.empty() && !is_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), is_name_character) && name != "and" &&
         name != "or" && name != "not";
}

namespace expression {
namespace {

/// Longer ones first.
constexpr std::array<std::string_view, 18> kSigns{"==", "!=", "<=", ">=", "..", "<", ">", "+", "-",
                                                  "*",  "/",  "%",  "(",  ")",  ",", "|", "?", ":"};

std::size_t length_while(std::string_view text, bool (*wanted)(char)) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), wanted) -
                                  text.begin());
}

}  // namespace

void Lexer::skip(std::size_t size) {
  column_ += character_count(source_.substr(0, size));
  source_.remove_prefix(size);
}

Token Lexer::take(Token::Kind kind, std::size_t size) {
  Token token{kind, std::string(source_.substr(0, size)), column_};
  skip(size);
  return token;
}

Token Lexer::take_text() {
  Token token{Token::Kind::text, {}, column_};
  for (std::size_t at = 1; at < source_.size(); ++at) {
    if (source_[at] == '\'') {
      if (source_.substr(at + 1, 1) != "'") {
        skip(at + 1);
        return token;
      }
      ++at;  // two quotes are one
    }
    token.text += source_[at];
  }
  throw SyntaxMistake{"a text without its closing quote", token.column};
}

Token Lexer::take_number() {
  const Token token = take(Token::Kind::number, length_while(source_, is_digit));
  if (token.text.size() > 1 && token.text[0] == '0')
    throw SyntaxMistake{"a number has no leading zeros; write a text: '" + token.text + "'",
                        token.column};
  if (!parse_integer(token.text)) throw SyntaxMistake{"the number is too large", token.column};
  return token;
}

Token Lexer::next() {
  skip(length_while(source_, [](char c) { return c == ' ' || c == '\t' || c == '\n'; }));
  if (source_.empty()) return {Token::Kind::end, {}, column_};
  if (source_[0] == '\'') return take_text();
  if (is_digit(source_[0])) return take_number();
  if (is_name_character(source_[0]))
    return take(Token::Kind::name, length_while(source_, is_name_character));
  for (std::string_view sign : kSigns)
    if (source_.starts_with(sign)) return take(Token::Kind::sign, sign.size());
  throw SyntaxMistake{
      "'" + std::string(characters(source_, 0, 1)) + "' has no meaning in an expression", column_};
}

}  // namespace expression
}  // namespace kpd

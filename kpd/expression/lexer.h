/// The words of an expression. Internal to kpd/expression.
#pragma once

#include <string>
#include <string_view>

namespace kpd::expression {

/// What ends the compilation of an expression; caught in compile_expression().
struct SyntaxMistake {
  std::string text;
  std::size_t column;
  std::string unknown{};  ///< the name that is not known
};

struct Token {
  enum class Kind { end, name, number, text, sign };
  Kind kind = Kind::end;
  std::string text;        ///< a text without its quotes
  std::size_t column = 1;  ///< in characters
};

/// Reads words one by one.
class Lexer {
 public:
  Lexer(std::string_view source, std::size_t first_column)
      : source_(source), column_(first_column) {}

  /// The next word, Kind::end from the source's end on. Throws SyntaxMistake.
  Token next();

 private:
  Token take(Token::Kind kind, std::size_t size);
  Token take_text();
  Token take_number();
  void skip(std::size_t size);

  std::string_view source_;  ///< what is left of it
  std::size_t column_;
};

}  // namespace kpd::expression

/// From the words of an expression to its tree. Internal to kpd/expression.
#pragma once

#include "kpd/expression/lexer.h"
#include "kpd/expression/node.h"

namespace kpd::expression {

/// Compiles one expression; what cannot be is thrown as SyntaxMistake. Operands that are all known
/// are evaluated at once, so that their faults are mistakes too.
class Parser {
 public:
  Parser(std::string_view source, const Scope& scope, std::size_t first_column);

  /// The whole expression, a text; its root comes last.
  std::vector<Node> parse();

 private:
  using Index = std::size_t;
  class Level;

  // Each takes what binds at least as tightly as its name, loosest first.
  Index pipe();
  Index choice();
  Index either();
  Index both();
  Index negation();
  Index comparison();
  Index concat();
  Index sum();
  Index product();
  Index sign();
  Index primary();

  Index call(const Token& name, const std::string& kind, std::vector<Index> arguments);
  Index call_script(const Token& name, std::vector<Index> arguments);
  void take_arguments(std::vector<Index>& arguments);
  Token filter_name();

  Index binary(Operation operation, const Token& sign, Index a, Index b, ValueType type);
  Index add(Node node);
  void fold(Node& node) const;

  void need_value(Index index) const;    ///< a text or number
  void need_integer(Index index) const;  ///< a value that may be an integer
  void need_flag(Index index) const;

  bool is_sign(std::string_view text) const;
  bool is_word(std::string_view text) const;
  void expect(std::string_view sign);
  Token take();
  [[noreturn]] void fail(const std::string& text, std::size_t column) const;
  [[noreturn]] void fail_unknown(const std::string& kind, const Token& name) const;
  [[noreturn]] void fail_here() const;

  const Scope& scope_;
  Lexer lexer_;
  Token token_;  ///< the next one
  std::vector<Node> nodes_;
  std::size_t level_ = 0;
};

}  // namespace kpd::expression

/// Expressions of jobs and templates: "pad_left(limit, 12, '0')" over the fields of one record
/// (docs/expressions.md). Values are texts in UTF-8.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emvcrypto/fault.h"

namespace kpd {

class LuaFunctions;

/// A field of the record in hand, by its place in Plan::fields.
using FieldId = std::uint32_t;

/// The text of a field, empty when the record has none.
using FieldLookup = std::function<std::string_view(FieldId)>;

/// What the names in an expression mean.
struct Scope {
  std::function<std::optional<FieldId>(const std::string&)> find;  ///< fields and values
  std::shared_ptr<LuaFunctions> functions;                         ///< of the job; may be null
};

namespace expression {
struct Node;
}

/// A compiled expression: immutable, cheap to copy. It has no loops, so its time is bounded by its
/// source and the length of the fields.
class Expression {
 public:
  static constexpr std::size_t kMaxSource = 16 * 1024;  ///< bytes of source
  static constexpr std::size_t kMaxResult = 64 * 1024;  ///< bytes of any value on the way
  static constexpr std::size_t kMaxDepth = 64;          ///< levels of nesting

  /// The root comes last.
  Expression(std::vector<expression::Node> nodes, std::shared_ptr<LuaFunctions> functions);

  /// The text for one record. Fault "expression": a division by zero, an overflow, a text that is
  /// not what a function wants, a result over kMaxResult, a failing Lua function. Its reason names
  /// the function and its column, never a value.
  emvcrypto::Expected<std::string> evaluate(const FieldLookup& field) const;

  /// The fields that it looks at, each once, in their order.
  std::vector<FieldId> fields() const;

  /// The field when it is nothing else.
  std::optional<FieldId> only_field() const;

 private:
  std::shared_ptr<const std::vector<expression::Node>> nodes_;
  std::shared_ptr<LuaFunctions> functions_;
};

/// What compile_expression() gives: an expression, or the mistake in it.
struct ExpressionResult {
  std::optional<Expression> expression;
  std::string mistake;     ///< empty when all is well
  std::size_t column = 0;  ///< of the mistake: characters from 1
  std::string unknown;     ///< the name that is not known, when that is the mistake
};

/// Compiles a source text. Unknown names, a wrong number of arguments, true or false where a text
/// belongs, and whatever is not an expression are mistakes. source: UTF-8; first_column: where it
/// starts in the text around it, for the columns of mistakes and faults.
ExpressionResult compile_expression(std::string_view source, const Scope& scope,
                                    std::size_t first_column = 1);

/// Whether a field of this name can stand in an expression: letters, digits and '_', no digit
/// first, not "and", "or" or "not".
bool is_expression_name(std::string_view name);

}  // namespace kpd

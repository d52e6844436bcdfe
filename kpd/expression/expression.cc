#include "kpd/expression/expression.h"

#include <algorithm>

#include "kpd/expression/evaluator.h"
#include "kpd/expression/parser.h"

namespace kpd {

using expression::Node;

Expression::Expression(std::vector<Node> nodes, std::shared_ptr<LuaFunctions> functions)
    : nodes_(std::make_shared<const std::vector<Node>>(std::move(nodes))),
      functions_(std::move(functions)) {}

emvcrypto::Expected<std::string> Expression::evaluate(const FieldLookup& field) const {
  expression::Evaluator evaluator(*nodes_, field, functions_.get());
  auto value = evaluator.evaluate(nodes_->back());
  if (!value) value.error().reason += " (column " + std::to_string(evaluator.fault_column()) + ")";
  return value;
}

std::vector<FieldId> Expression::fields() const {
  std::vector<FieldId> found;
  for (const Node& node : *nodes_)
    if (node.operation == expression::Operation::field &&
        std::find(found.begin(), found.end(), node.field) == found.end())
      found.push_back(node.field);
  return found;
}

std::optional<FieldId> Expression::only_field() const {
  const Node& root = nodes_->back();
  if (root.operation != expression::Operation::field) return std::nullopt;
  return root.field;
}

ExpressionResult compile_expression(std::string_view source, const Scope& scope,
                                    std::size_t first_column) {
  ExpressionResult result;
  if (source.size() > Expression::kMaxSource) {
    result.mistake = "the expression is too long";
    result.column = first_column;
    return result;
  }
  try {
    expression::Parser parser(source, scope, first_column);
    result.expression.emplace(parser.parse(), scope.functions);
  } catch (const expression::SyntaxMistake& mistake) {
    result.mistake = mistake.text;
    result.column = mistake.column;
    result.unknown = mistake.unknown;
  }
  return result;
}

}  // namespace kpd

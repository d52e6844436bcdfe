#include "kpd/expression/evaluator.h"

#include "kpd/expression/integer.h"
#include "kpd/expression/lua_functions.h"

namespace kpd::expression {
namespace {

bool holds(Operation operation, std::strong_ordering order) {
  switch (operation) {
    case Operation::equal:
      return order == 0;
    case Operation::unequal:
      return order != 0;
    case Operation::less:
      return order < 0;
    case Operation::less_equal:
      return order <= 0;
    case Operation::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

std::string flag(bool value) {
  return value ? "1" : "";
}

}  // namespace

Evaluator::Result Evaluator::fail(const Node& node, const std::string& reason) {
  fault_column_ = node.column;
  return emvcrypto::fault("expression", node.text + ": " + reason);
}

Evaluator::Result Evaluator::operand(const Node& node, std::size_t which) {
  return evaluate(nodes_[node.operands[which]]);
}

Evaluator::Result Evaluator::evaluate(const Node& node) {
  Result value = compute(node);
  if (value && value->size() > Expression::kMaxResult) return fail(node, "the text is too long");
  return value;
}

Evaluator::Result Evaluator::compute(const Node& node) {
  switch (node.operation) {
    case Operation::literal:
      return node.text;
    case Operation::field:
      return std::string(field_(node.field));
    case Operation::function:
    case Operation::script:
      return call(node);
    case Operation::choose: {
      const Result condition = operand(node, 0);
      if (!condition) return condition;
      return operand(node, condition->empty() ? 2 : 1);
    }
    case Operation::concat: {
      std::string whole;
      for (std::size_t i = 0; i < node.operands.size(); ++i) {
        const Result part = operand(node, i);
        if (!part) return part;
        whole += *part;
        if (whole.size() > Expression::kMaxResult) break;  // evaluate() refuses it
      }
      return whole;
    }
    case Operation::either:
    case Operation::both:
    case Operation::negation:
      return compute_flag(node);
    case Operation::equal:
    case Operation::unequal:
    case Operation::less:
    case Operation::less_equal:
    case Operation::greater:
    case Operation::greater_equal:
      return compare(node);
    default:
      return compute_number(node);
  }
}

Evaluator::Result Evaluator::call(const Node& node) {
  std::vector<std::string> arguments;
  arguments.reserve(node.operands.size());
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    Result value = operand(node, i);
    if (!value) return value;
    arguments.push_back(std::move(*value));
  }
  Result value = node.operation == Operation::function ? node.function->body(arguments)
                                                       : functions_->call(node.script, arguments);
  if (!value) return fail(node, value.error().reason);
  return value;
}

Evaluator::Result Evaluator::compute_flag(const Node& node) {
  Result a = operand(node, 0);
  if (!a) return a;
  if (node.operation == Operation::negation) return flag(a->empty());
  if (a->empty() == (node.operation == Operation::both)) return a;
  return operand(node, 1);
}

Evaluator::Result Evaluator::compare(const Node& node) {
  const Result a = operand(node, 0);
  if (!a) return a;
  const Result b = operand(node, 1);
  if (!b) return b;
  const bool integers = is_integer(*a) && is_integer(*b);
  const bool with_number = nodes_[node.operands[0]].type == ValueType::number ||
                           nodes_[node.operands[1]].type == ValueType::number;
  const bool for_order = node.operation != Operation::equal && node.operation != Operation::unequal;
  if (for_order && with_number && !integers)
    return fail(node, "a number is compared with what is no integer");
  const auto order =
      integers && (for_order || with_number) ? compare_integers(*a, *b) : a->compare(*b) <=> 0;
  return flag(holds(node.operation, order));
}

Evaluator::Result Evaluator::compute_number(const Node& node) {
  const Result a = operand(node, 0);
  if (!a) return a;
  const Result b = node.operands.size() > 1 ? operand(node, 1) : a;
  if (!b) return b;
  const auto left = parse_integer(*a), right = parse_integer(*b);
  if (!left || !right) return fail(node, "this is no integer of 64 bits");
  const auto value =
      node.operands.size() > 1 ? calculate(*left, node.text[0], *right) : calculate(0, '-', *right);
  if (!value) return fail(node, value.error().reason);
  return std::to_string(*value);
}

}  // namespace kpd::expression

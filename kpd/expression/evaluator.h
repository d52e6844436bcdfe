/// Values of trees for one record. Internal to kpd/expression.
#pragma once

#include <span>

#include "kpd/expression/node.h"

namespace kpd::expression {

class Evaluator {
 public:
  /// functions: may be null when the tree calls none.
  Evaluator(std::span<const Node> nodes, const FieldLookup& field, LuaFunctions* functions)
      : nodes_(nodes), field_(field), functions_(functions) {}

  /// The value of a node whose operands are in the tree.
  emvcrypto::Expected<std::string> evaluate(const Node& node);

  /// Column of the node that failed.
  std::size_t fault_column() const { return fault_column_; }

 private:
  using Result = emvcrypto::Expected<std::string>;

  Result compute(const Node& node);
  Result compute_text(const Node& node);
  Result compute_flag(const Node& node);
  Result compute_number(const Node& node);
  Result compare(const Node& node);
  Result call(const Node& node);
  Result operand(const Node& node, std::size_t which);
  Result fail(const Node& node, const std::string& reason);

  std::span<const Node> nodes_;
  const FieldLookup& field_;
  LuaFunctions* functions_;
  std::size_t fault_column_ = 0;
};

}  // namespace kpd::expression

/// The tree of a compiled expression. Internal to kpd/expression.
#pragma once

#include "kpd/expression/expression.h"
#include "kpd/expression/functions.h"

namespace kpd::expression {

enum class Operation {
  literal,   ///< `text`
  field,     ///< `field`
  function,  ///< of the language: `function`
  script,    ///< of the job's Lua file, its index in `script`
  choose,    ///< condition ? a : b
  either,    ///< a or b
  both,      ///< a and b
  negation,  ///< not a
  equal,
  unequal,
  less,
  less_equal,
  greater,
  greater_equal,
  concat,  ///< a .. b .. c
  add,
  subtract,
  multiply,
  divide,
  remainder,
  minus  ///< -a
};

/// One step; its operands stand before it in the list. A flag is "1" or the empty text.
struct Node {
  Operation operation = Operation::literal;
  ValueType type = ValueType::text;
  std::size_t column = 0;  ///< of its first character, of an operator's sign
  std::size_t depth = 1;   ///< levels beneath it and itself
  std::string text{};      ///< of a literal; else the name or sign, for people
  FieldId field = 0;
  std::size_t script = 0;
  const FunctionInfo* function = nullptr;
  std::vector<std::size_t> operands{};  ///< indices of other nodes
};

}  // namespace kpd::expression

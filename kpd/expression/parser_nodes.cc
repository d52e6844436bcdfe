// How the parser makes nodes: names, types, and what is known at once.
#include <algorithm>

#include "kpd/expression/evaluator.h"
#include "kpd/expression/integer.h"
#include "kpd/expression/lua_functions.h"
#include "kpd/expression/parser.h"

namespace kpd::expression {
namespace {

/// " takes 1 argument, not 5"; " takes 2 or more arguments, not 1".
std::string count_mistake(std::size_t least, std::size_t most, std::size_t given) {
  std::string count = std::to_string(least);
  if (most == kAnyNumber) count += " or more";
  if (most != kAnyNumber && most != least) count += " to " + std::to_string(most);
  return " takes " + count + (count == "1" ? " argument" : " arguments") + ", not " +
         std::to_string(given);
}

}  // namespace

Parser::Index Parser::call(const Token& name, const std::string& kind,
                           std::vector<Index> arguments) {
  for (Index argument : arguments) need_value(argument);
  const FunctionInfo* found = find_function(name.text);
  if (found == nullptr) {
    if (scope_.functions && scope_.functions->find(name.text))
      return call_script(name, std::move(arguments));
    fail_unknown(kind, name);
  }
  if (arguments.size() < found->least || arguments.size() > found->most)
    fail(std::string(found->signature) + count_mistake(found->least, found->most, arguments.size()),
         name.column);
  if (found->check != nullptr) {
    std::vector<const std::string*> literals;
    for (Index argument : arguments)
      literals.push_back(nodes_[argument].operation == Operation::literal ? &nodes_[argument].text
                                                                          : nullptr);
    if (const std::string wrong = found->check(literals); !wrong.empty())
      fail(std::string(found->name) + ": " + wrong, name.column);
  }
  return add({.operation = Operation::function,
              .type = found->type,
              .column = name.column,
              .text = std::string(found->name),
              .function = found,
              .operands = std::move(arguments)});
}

Parser::Index Parser::call_script(const Token& name, std::vector<Index> arguments) {
  const std::size_t index = *scope_.functions->find(name.text);
  const LuaFunctions::Function& function = scope_.functions->functions()[index];
  if (arguments.size() < function.parameters ||
      (arguments.size() > function.parameters && !function.more))
    fail("the script's '" + name.text + "'" +
             count_mistake(function.parameters, function.more ? kAnyNumber : function.parameters,
                           arguments.size()),
         name.column);
  return add({.operation = Operation::script,
              .column = name.column,
              .text = name.text,
              .script = index,
              .operands = std::move(arguments)});
}

Parser::Index Parser::binary(Operation operation, const Token& sign, Index a, Index b,
                             ValueType type) {
  return add({.operation = operation,
              .type = type,
              .column = sign.column,
              .text = sign.text,
              .operands = {a, b}});
}

Parser::Index Parser::add(Node node) {
  for (Index operand : node.operands) node.depth = std::max(node.depth, nodes_[operand].depth + 1);
  if (node.depth > Expression::kMaxDepth) fail("the expression is nested too deeply", node.column);
  fold(node);
  nodes_.push_back(std::move(node));
  return nodes_.size() - 1;
}

void Parser::fold(Node& node) const {
  if (node.operands.empty() || node.operation == Operation::script) return;
  for (Index operand : node.operands)
    if (nodes_[operand].operation != Operation::literal) return;
  const FieldLookup no_field;  // literals look at none
  Evaluator evaluator(nodes_, no_field, nullptr);
  auto value = evaluator.evaluate(node);
  if (!value) fail(value.error().reason, evaluator.fault_column());
  node = {.type = node.type, .column = node.column, .text = std::move(*value)};
}

void Parser::need_value(Index index) const {
  if (nodes_[index].type == ValueType::flag)
    fail("this is true or false, but a text belongs here", nodes_[index].column);
}

void Parser::need_integer(Index index) const {
  need_value(index);
  if (nodes_[index].operation == Operation::literal && !parse_integer(nodes_[index].text))
    fail("'" + nodes_[index].text + "' is no integer of 64 bits", nodes_[index].column);
}

void Parser::need_flag(Index index) const {
  if (nodes_[index].type != ValueType::flag)
    fail("a condition belongs here: something that is true or false", nodes_[index].column);
}

bool Parser::is_sign(std::string_view text) const {
  return token_.kind == Token::Kind::sign && token_.text == text;
}

bool Parser::is_word(std::string_view text) const {
  return token_.kind == Token::Kind::name && token_.text == text;
}

void Parser::expect(std::string_view sign) {
  if (!is_sign(sign)) fail("a '" + std::string(sign) + "' is missing", token_.column);
  take();
}

Token Parser::take() {
  return std::exchange(token_, lexer_.next());
}

void Parser::fail(const std::string& text, std::size_t column) const {
  throw SyntaxMistake{text, column};
}

void Parser::fail_unknown(const std::string& kind, const Token& name) const {
  throw SyntaxMistake{"no " + kind + " is called '" + name.text + "'", name.column, name.text};
}

void Parser::fail_here() const {
  if (token_.kind == Token::Kind::end) fail("the expression ends too early", token_.column);
  fail("'" + token_.text + "' cannot stand here", token_.column);
}

}  // namespace kpd::expression

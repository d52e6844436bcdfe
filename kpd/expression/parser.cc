#include "kpd/expression/parser.h"

#include <algorithm>
#include <array>

#include "kpd/expression/integer.h"

namespace kpd::expression {
namespace {

struct Sign {
  std::string_view text;
  Operation operation;
};
constexpr std::array kComparisons{
    Sign{"==", Operation::equal},         Sign{"!=", Operation::unequal},
    Sign{"<=", Operation::less_equal},    Sign{"<", Operation::less},
    Sign{">=", Operation::greater_equal}, Sign{">", Operation::greater}};
constexpr std::array kSums{Sign{"+", Operation::add}, Sign{"-", Operation::subtract}};
constexpr std::array kProducts{Sign{"*", Operation::multiply}, Sign{"/", Operation::divide},
                               Sign{"%", Operation::remainder}};

/// The operation of a sign; null when the table has none.
template <typename Table>
const Sign* find_sign(const Table& table, const Token& token) {
  if (token.kind != Token::Kind::sign) return nullptr;
  const auto* found = std::find_if(table.begin(), table.end(),
                                   [&](const Sign& sign) { return sign.text == token.text; });
  return found != table.end() ? found : nullptr;
}

}  // namespace

/// Counts the levels of the parser's own recursion.
class Parser::Level {
 public:
  explicit Level(Parser& parser) : parser_(parser) {
    if (++parser_.level_ > Expression::kMaxDepth)
      parser_.fail("the expression is nested too deeply", parser_.token_.column);
  }
  ~Level() { --parser_.level_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  Parser& parser_;
};

Parser::Parser(std::string_view source, const Scope& scope, std::size_t first_column)
    : scope_(scope), lexer_(source, first_column), token_(lexer_.next()) {}

std::vector<Node> Parser::parse() {
  const Index root = pipe();
  if (token_.kind != Token::Kind::end) fail_here();
  if (nodes_[root].type == ValueType::flag)
    fail("this is true or false, not a text; choose texts with '?' and ':'", nodes_[root].column);
  return std::move(nodes_);  // the root was added last
}

Parser::Index Parser::pipe() {
  Index value = choice();
  while (is_sign("|")) {
    take();
    const Token name = filter_name();
    std::vector<Index> arguments{value};
    if (is_sign("(")) take_arguments(arguments);
    value = call(name, "filter", std::move(arguments));
  }
  return value;
}

Token Parser::filter_name() {
  if (token_.kind != Token::Kind::name) fail("a filter's name is missing", token_.column);
  Token name = take();
  if (name.text == "mm" && is_sign("/")) {  // mm/yy, as people write it
    take();
    if (!is_word("yy")) fail_here();
    take();
    name.text = "mm_yy";
  }
  return name;
}

Parser::Index Parser::choice() {
  const Level level(*this);
  const Index condition = either();
  if (!is_sign("?")) return condition;
  Node node{.operation = Operation::choose, .column = take().column, .text = "?"};
  need_flag(condition);
  const Index yes = choice();
  expect(":");
  const Index no = choice();
  const ValueType a = nodes_[yes].type, b = nodes_[no].type;
  if ((a == ValueType::flag) != (b == ValueType::flag))
    fail("both choices must be texts", node.column);
  node.type = a == b ? a : ValueType::text;
  node.operands = {condition, yes, no};
  return add(std::move(node));
}

Parser::Index Parser::either() {
  Index a = both();
  while (is_word("or")) {
    const Token sign = take();
    const Index b = both();
    need_flag(a);
    need_flag(b);
    a = binary(Operation::either, sign, a, b, ValueType::flag);
  }
  return a;
}

Parser::Index Parser::both() {
  Index a = negation();
  while (is_word("and")) {
    const Token sign = take();
    const Index b = negation();
    need_flag(a);
    need_flag(b);
    a = binary(Operation::both, sign, a, b, ValueType::flag);
  }
  return a;
}

Parser::Index Parser::negation() {
  if (!is_word("not")) return comparison();
  const Level level(*this);
  Node node{.operation = Operation::negation,
            .type = ValueType::flag,
            .column = take().column,
            .text = "not"};
  const Index operand = negation();
  need_flag(operand);
  node.operands = {operand};
  return add(std::move(node));
}

Parser::Index Parser::comparison() {
  const Index a = concat();
  const Sign* found = find_sign(kComparisons, token_);
  if (found == nullptr) return a;
  const Token sign = take();
  const Index b = concat();
  need_value(a);
  need_value(b);
  if (find_sign(kComparisons, token_) != nullptr)
    fail("comparisons do not follow one another; join them with 'and'", token_.column);
  return binary(found->operation, sign, a, b, ValueType::flag);
}

Parser::Index Parser::concat() {
  const Index first = sum();
  if (!is_sign("..")) return first;
  Node node{.operation = Operation::concat, .column = token_.column, .text = ".."};
  node.operands.push_back(first);
  while (is_sign("..")) {
    take();
    node.operands.push_back(sum());
  }
  for (Index operand : node.operands) need_value(operand);
  return add(std::move(node));
}

Parser::Index Parser::sum() {
  Index a = product();
  while (const Sign* found = find_sign(kSums, token_)) {
    const Token sign = take();
    const Index b = product();
    need_integer(a);
    need_integer(b);
    a = binary(found->operation, sign, a, b, ValueType::number);
  }
  return a;
}

Parser::Index Parser::product() {
  Index a = sign();
  while (const Sign* found = find_sign(kProducts, token_)) {
    const Token token = take();
    const Index b = sign();
    need_integer(a);
    need_integer(b);
    a = binary(found->operation, token, a, b, ValueType::number);
  }
  return a;
}

Parser::Index Parser::sign() {
  if (!is_sign("-")) return primary();
  const Level level(*this);
  Node node{.operation = Operation::minus,
            .type = ValueType::number,
            .column = take().column,
            .text = "-"};
  const Index operand = sign();
  need_integer(operand);
  node.operands = {operand};
  return add(std::move(node));
}

Parser::Index Parser::primary() {
  if (is_sign("(")) {
    take();
    const Index inner = pipe();
    expect(")");
    return inner;
  }
  if (token_.kind == Token::Kind::text) {
    Token token = take();
    return add({.column = token.column, .text = std::move(token.text)});
  }
  if (token_.kind == Token::Kind::number) {
    Token token = take();
    return add({.type = ValueType::number, .column = token.column, .text = std::move(token.text)});
  }
  if (token_.kind != Token::Kind::name || !is_expression_name(token_.text)) fail_here();
  const Token name = take();
  if (is_sign("(")) {
    std::vector<Index> arguments;
    take_arguments(arguments);
    return call(name, "function", std::move(arguments));
  }
  const auto field = scope_.find(name.text);
  if (!field) fail_unknown("field or value", name);
  return add(
      {.operation = Operation::field, .column = name.column, .text = name.text, .field = *field});
}

void Parser::take_arguments(std::vector<Index>& arguments) {
  expect("(");
  if (is_sign(")")) {
    take();
    return;
  }
  while (true) {
    arguments.push_back(pipe());
    if (!is_sign(",")) break;
    take();
  }
  expect(")");
}

}  // namespace kpd::expression

#include "kpd/plan/text_template.h"

#include <algorithm>

#include "kpd/expression/characters.h"

namespace kpd {
namespace {

/// Where the brace stands that closes the expression at `from`; braces in its texts do not count.
std::size_t find_close(std::string_view source, std::size_t from) {
  bool quoted = false;
  for (std::size_t at = from; at < source.size(); ++at) {
    if (source[at] == '\'') quoted = !quoted;
    if (source[at] == '}' && !quoted) return at;
  }
  return source.npos;
}

/// Compiles one text.
class TextCompiler {
 public:
  TextCompiler(std::string_view source, const Scope& scope) : source_(source), scope_(scope) {}

  TextTemplateResult compile() {
    for (std::size_t at = 0; at < source_.size() && result_.mistake.empty();) {
      const std::size_t brace = std::min(source_.find_first_of("{}", at), source_.size());
      add_literal(source_.substr(at, brace - at));
      if (brace == source_.size()) break;
      at = is_doubled(brace) ? add_brace(brace) : add_expression(brace);
    }
    return std::move(result_);
  }

 private:
  bool is_doubled(std::size_t brace) const {
    return brace + 1 < source_.size() && source_[brace + 1] == source_[brace];
  }

  void add_literal(std::string_view text) {
    if (text.empty()) return;
    if (result_.text.empty() || result_.text.back().field || result_.text.back().expression)
      result_.text.emplace_back();
    result_.text.back().literal += text;
  }

  std::size_t add_brace(std::size_t at) {
    add_literal(source_.substr(at, 1));
    return at + 2;
  }

  /// The place behind the expression whose brace is at `open`.
  std::size_t add_expression(std::size_t open) {
    const std::size_t column = expression::character_count(source_.substr(0, open)) + 1;
    const std::size_t close = find_close(source_, open + 1);
    if (source_[open] == '}')
      return fail("a '}' without its '{'; write '}}' for the character itself", column);
    if (close == source_.npos)
      return fail("a '{' without its '}'; write '{{' for the character itself", column);
    auto compiled =
        compile_expression(source_.substr(open + 1, close - open - 1), scope_, column + 1);
    if (!compiled.expression) {
      result_.unknown = compiled.unknown;
      return fail(compiled.mistake, compiled.column);
    }
    TextPart part;
    part.field = compiled.expression->only_field();
    if (!part.field) part.expression = std::move(compiled.expression);
    result_.text.push_back(std::move(part));
    return close + 1;
  }

  std::size_t fail(std::string mistake, std::size_t column) {
    result_.mistake = std::move(mistake);
    result_.column = column;
    result_.text.clear();
    return source_.size();
  }

  std::string_view source_;
  const Scope& scope_;
  TextTemplateResult result_;
};

}  // namespace

TextTemplateResult compile_text(const std::string& source, const Scope& scope) {
  return TextCompiler(source, scope).compile();
}

emvcrypto::Expected<std::string> expand(const TextTemplate& text, const FieldLookup& field) {
  std::string whole;
  for (const TextPart& part : text) {
    if (part.field) {
      whole += field(*part.field);
    } else if (part.expression) {
      auto value = part.expression->evaluate(field);
      if (!value) return value;
      whole += *value;
    } else {
      whole += part.literal;
    }
  }
  if (whole.size() > Expression::kMaxResult)
    return emvcrypto::fault("expression", "the text is too long");
  return whole;
}

std::vector<FieldId> fields_of(const TextTemplate& text) {
  std::vector<FieldId> all;
  const auto add = [&](FieldId id) {
    if (std::find(all.begin(), all.end(), id) == all.end()) all.push_back(id);
  };
  for (const TextPart& part : text) {
    if (part.field) add(*part.field);
    if (!part.expression) continue;
    for (FieldId id : part.expression->fields()) add(id);
  }
  return all;
}

}  // namespace kpd

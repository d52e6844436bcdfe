/// Texts with places for expressions: "{pan}D{expiry}{service_code}000{icvv}".
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kpd/expression/expression.h"

namespace kpd {

/// A piece of a text: a field, an expression, or else the literal.
struct TextPart {
  std::string literal;
  std::optional<FieldId> field;
  std::optional<Expression> expression;
};

/// A compiled text. Empty: always the empty text.
using TextTemplate = std::vector<TextPart>;

/// A compiled text, or the mistake in it.
struct TextTemplateResult {
  TextTemplate text;
  std::string mistake;     ///< empty when all is well
  std::size_t column = 0;  ///< of the mistake in the source: characters from 1
  std::string unknown;     ///< the name that is not known, when that is the mistake
};

/// Compiles a text: expressions stand in braces, "{{" and "}}" are braces themselves. source:
/// UTF-8.
TextTemplateResult compile_text(const std::string& source, const Scope& scope);

/// The text for one record; faults as Expression::evaluate().
emvcrypto::Expected<std::string> expand(const TextTemplate& text, const FieldLookup& field);

/// The fields that a text looks at, each once, in their order.
std::vector<FieldId> fields_of(const TextTemplate& text);

}  // namespace kpd

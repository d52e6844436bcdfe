/// Texts with places: "{pan}D{expiry}{service_code}000{icvv}".
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kpd {

/// A field of the record in hand, by its place in Plan::fields.
using FieldId = std::uint32_t;

/// How a field's text is changed before it is put in: "{pan|groups}", "{expiry|mm/yy}".
enum class TextFilter {
  none,
  groups,  ///< digits in groups of four, blanks between
  mm_yy,   ///< YYMM as MM/YY
  upper,   ///< ASCII letters as capitals
  last4    ///< the last four characters
};

struct TextPart {
  std::string literal;  ///< used when `field` is absent
  std::optional<FieldId> field;
  TextFilter filter = TextFilter::none;
};

/// A compiled text. Empty: always the empty text.
using TextTemplate = std::vector<TextPart>;

/// Compiles a text; `find` gives the field of a name. Returns the mistake instead when there is
/// one.
struct TextTemplateResult {
  TextTemplate text;
  std::string mistake;  ///< empty when all is well
};
TextTemplateResult compile_text(
    const std::string& source,
    const std::function<std::optional<FieldId>(const std::string&)>& find);

/// The text for one record. fields: as in Plan::fields; a missing one counts as empty.
std::string expand(const TextTemplate& text, const std::function<std::string_view(FieldId)>& field);

}  // namespace kpd

#include "kpd/intake/field_text.h"

#include "kpd/intake/transliteration.h"

namespace kpd {

FieldLookup over_inputs(Inputs inputs, const FieldLookup& earlier) {
  return [inputs, &earlier](FieldId id) {
    return id >= kFirstInput ? inputs[id - kFirstInput] : earlier(id);
  };
}

emvcrypto::Expected<std::string> make_field_text(const FieldPlan& field, Inputs inputs,
                                                 const FieldLookup& earlier) {
  emvcrypto::Expected<std::string> text;
  if (field.from)
    text = expand(*field.from, over_inputs(inputs, earlier));
  else if (field.input)
    text = std::string(inputs[*field.input]);
  if (!text) return text;
  if (text->empty()) text = field.default_text;
  if (field.transliterate) text = transliterate(*text);
  if (text && field.upper)
    for (char& c : *text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace kpd

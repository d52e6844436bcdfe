#include "kpd/plan/text_template.h"

#include <algorithm>
#include <array>

namespace kpd {
namespace {

struct FilterName {
  std::string_view name;
  TextFilter filter;
};
constexpr std::array kFilters{
    FilterName{"groups", TextFilter::groups}, FilterName{"mm/yy", TextFilter::mm_yy},
    FilterName{"upper", TextFilter::upper}, FilterName{"last4", TextFilter::last4}};

std::string filtered(std::string_view value, TextFilter filter) {
  switch (filter) {
    case TextFilter::none:
      break;
    case TextFilter::groups: {
      std::string text;
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0 && i % 4 == 0) text += ' ';
        text += value[i];
      }
      return text;
    }
    case TextFilter::mm_yy:
      if (value.size() == 4)
        return std::string(value.substr(2)) + "/" + std::string(value.substr(0, 2));
      break;
    case TextFilter::upper: {
      std::string text(value);
      std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      });
      return text;
    }
    case TextFilter::last4:
      return std::string(value.substr(value.size() - std::min<std::size_t>(4, value.size())));
  }
  return std::string(value);
}

}  // namespace

TextTemplateResult compile_text(
    const std::string& source,
    const std::function<std::optional<FieldId>(const std::string&)>& find) {
  TextTemplateResult result;
  std::size_t at = 0;
  while (at < source.size()) {
    const std::size_t open = source.find('{', at);
    if (open != at) result.text.push_back({source.substr(at, open - at), {}, TextFilter::none});
    if (open == std::string::npos) break;
    const std::size_t close = source.find('}', open);
    if (close == std::string::npos) {
      result.mistake = "a '{' without its '}'";
      return result;
    }
    std::string name = source.substr(open + 1, close - open - 1);
    TextPart part;
    if (const std::size_t bar = name.find('|'); bar != std::string::npos) {
      const std::string filter = name.substr(bar + 1);
      name.resize(bar);
      const auto* found = std::find_if(kFilters.begin(), kFilters.end(),
                                       [&](const FilterName& f) { return f.name == filter; });
      if (found == kFilters.end()) {
        result.mistake = "no filter is called '" + filter + "'";
        return result;
      }
      part.filter = found->filter;
    }
    part.field = find(name);
    if (!part.field) {
      result.mistake = "no field or value is called '" + name + "'";
      return result;
    }
    result.text.push_back(std::move(part));
    at = close + 1;
  }
  return result;
}

std::string expand(const TextTemplate& text,
                   const std::function<std::string_view(FieldId)>& field) {
  std::string whole;
  for (const TextPart& part : text)
    whole += part.field ? filtered(field(*part.field), part.filter) : part.literal;
  return whole;
}

}  // namespace kpd

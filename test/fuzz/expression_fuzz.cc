// Any text as a template with expressions: compiled or refused with a column within it, and for any
// record a text within the limit or a fault. The first line is the record's fields, apart by ';'.
#include <array>
#include <cstdlib>

#include "emvcrypto/bytes.h"
#include "kpd/plan/text_template.h"

namespace {

constexpr std::array<std::string_view, 4> kNames{"a", "b", "c", "d"};

void require(bool holds) {
  if (!holds) std::abort();
}

/// The part of `text` before the first `end`, which goes with it.
std::string_view take(std::string_view& text, char end) {
  const std::size_t size = text.find(end);
  const std::string_view part = text.substr(0, size);
  text.remove_prefix(size == text.npos ? text.size() : size + 1);
  return part;
}

std::optional<kpd::FieldId> find(const std::string& name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<kpd::FieldId>(i);
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view source = emvcrypto::as_text({data, size});
  std::string_view record = take(source, '\n');
  std::array<std::string_view, kNames.size()> values;
  for (std::string_view& value : values) value = take(record, ';');

  const auto compiled = kpd::compile_text(std::string(source), {find, nullptr});
  if (!compiled.mistake.empty()) {
    require(compiled.column >= 1 && compiled.column <= source.size() + 1);
    require(compiled.text.empty());
    return 0;
  }
  for (kpd::FieldId id : kpd::fields_of(compiled.text)) require(id < kNames.size());
  const auto field = [&](kpd::FieldId id) { return values[id]; };
  const auto text = kpd::expand(compiled.text, field);
  require(text ? text->size() <= kpd::Expression::kMaxResult
               : text.error().code == "expression" && !text.error().reason.empty());
  const auto again = kpd::expand(compiled.text, field);
  require(text ? again && *again == *text : !again && again.error().reason == text.error().reason);
  return 0;
}

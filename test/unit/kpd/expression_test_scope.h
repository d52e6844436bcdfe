/// Expressions over a few named fields, for tests.
#pragma once

#include <map>
#include <string>

#include "kpd/expression/expression.h"

namespace kpd_test {

/// Fields by name; their ids are their places in the map.
class Fields {
 public:
  explicit Fields(std::map<std::string, std::string> values,
                  std::shared_ptr<kpd::LuaFunctions> functions = nullptr)
      : values_(std::move(values)), functions_(std::move(functions)) {}

  kpd::Scope scope() const {
    return {[this](const std::string& name) -> std::optional<kpd::FieldId> {
              const auto found = values_.find(name);
              if (found == values_.end()) return std::nullopt;
              return static_cast<kpd::FieldId>(std::distance(values_.begin(), found));
            },
            functions_};
  }

  std::string_view operator()(kpd::FieldId id) const {
    return std::next(values_.begin(), static_cast<int>(id))->second;
  }

 private:
  std::map<std::string, std::string> values_;
  std::shared_ptr<kpd::LuaFunctions> functions_;
};

/// What an expression gives, "mistake: ..." or "fault: ...".
inline std::string outcome(const std::string& source, const Fields& fields) {
  const auto compiled = kpd::compile_expression(source, fields.scope());
  if (!compiled.expression)
    return "mistake: " + std::to_string(compiled.column) + ": " + compiled.mistake;
  const auto value = compiled.expression->evaluate([&](kpd::FieldId id) { return fields(id); });
  return value ? *value : "fault: " + value.error().reason;
}

}  // namespace kpd_test

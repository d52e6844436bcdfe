/// From a job's words on input fields to their plan. Internal to kpd/plan.
#pragma once

#include "kpd/plan/compile.h"

namespace kpd {

/// The columns of one source that fields want.
struct WantedColumns {
  SourcePlan& source;
  std::vector<std::string>& inputs;

  /// The column's place among the inputs; nothing when the source cannot have it.
  std::optional<std::size_t> find(const std::string& name) const;
  /// The same; throws ConfigError at the node that names it.
  std::size_t need(const YamlNode& node, const std::string& name) const;
};

/// What a name in a text of the intake means.
struct IntakeScope {
  const PlanBuilder& builder;
  bool fields = true;                      ///< earlier fields may be named
  const WantedColumns* columns = nullptr;  ///< columns too, when no field has the name
  std::string own;                         ///< this name is the column `own_column`
  std::string own_column;

  /// A field, or a column (kFirstInput + its place).
  std::optional<FieldId> find(const std::string& name) const;
  /// A text with expressions in braces. Throws ConfigError; so does compile_condition().
  TextTemplate compile(const YamlNode& node) const;
  /// A condition, without braces, as an expression that gives "1" where it holds.
  Expression compile_condition(const YamlNode& node) const;

 private:
  template <typename Result>
  [[noreturn]] void fail(const YamlNode& node, const Result& result, const char* where) const;
};

/// Compiles a field behind those that the plan has, and adds it. Mistakes go to the builder's; the
/// field is there all the same, so that what names it makes no second one. False when there were
/// any.
bool compile_field(PlanBuilder& builder, const WantedColumns& columns, const YamlNode& name,
                   const YamlNode& node);

/// Compiles one joined source and its fields, and adds them (compile_join.cc). Mistakes in fields
/// go to the builder's, others are thrown.
void compile_join(PlanBuilder& builder, const YamlNode& name, const YamlNode& node);

}  // namespace kpd

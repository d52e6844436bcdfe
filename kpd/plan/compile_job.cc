#include <fmt/format.h>

#include "emvcrypto/hash.h"
#include "kpd/config/spelling.h"
#include "kpd/config/window_policy.h"
#include "kpd/expression/functions.h"
#include "kpd/expression/lua_functions.h"
#include "kpd/plan/compile.h"
#include "kpd/plan/compile_output.h"

namespace kpd {
namespace {

/// Changes when the same files would compile to a different plan.
constexpr std::string_view kPlanFormat = "kpd-plan-2\n";

}  // namespace

std::filesystem::path PlanBuilder::resolve(const std::string& name) const {
  return base_ / name;
}

std::filesystem::path PlanBuilder::template_file(const std::string& name) const {
  return templates / (name + ".yaml");
}

YamlMap PlanBuilder::read(const std::filesystem::path& file, const std::string& kind) {
  YamlMap map = read_yaml(file, kind);
  plan.files.push_back(file.string());
  canonical += canonical_form(map.node().value()) + "\n";
  return map;
}

YamlMap PlanBuilder::read_named(const YamlNode& node, const std::string& kind) {
  return at_name(node, [&] { return read(resolve(node.text()), kind); });
}

ConfigPtr PlanBuilder::resolve_template(const ConfigPtr& layer) const {
  return resolve_extends(layer,
                         [&](const std::string& name) { return load_config(template_file(name)); });
}

YamlMap PlanBuilder::open_template(const ConfigPtr& document, const std::string& kind) {
  const ConfigPtr complete = put_parameters_in(
      document, [&](const std::string& name) { return load_config(template_file(name)); });
  canonical += canonical_form(*complete) + "\n";
  return open_document(complete, kind);
}

std::optional<FieldId> PlanBuilder::find_field(const std::string& name,
                                               const CardPlan* card) const {
  for (std::size_t i = 0; i < plan.fields.size(); ++i)
    if (plan.fields[i].name == name) return static_cast<FieldId>(i);
  if (card == nullptr) return std::nullopt;
  for (std::size_t i = 0; i < card->values.size(); ++i)
    if (card->values[i].name == name) return static_cast<FieldId>(plan.fields.size() + i);
  return std::nullopt;
}

std::optional<FieldId> PlanBuilder::named_field(const std::string& name,
                                                const CardPlan* card) const {
  const auto found = find_field(name, card);
  if (found || !open_world || !is_expression_name(name)) return found;
  open_world->fields.insert(name);
  return FieldId{0};
}

TextTemplate PlanBuilder::text(const YamlNode& node, const CardPlan* card) const {
  TextTemplate text = secret_text(node, card);
  for (const FieldId id : fields_of(text))
    if (id < plan.fields.size() && plan.brings_pins(id))
      node.fail(fmt::format("field '{}' brings PINs: it cannot stand here", plan.fields[id].name),
                "a PIN offset or verification value for the card is one of 'values'");
  return text;
}

TextTemplate PlanBuilder::secret_text(const YamlNode& node, const CardPlan* card) const {
  const auto find = [&](const std::string& name) { return named_field(name, card); };
  auto result = compile_text(node.text(), {find, functions});
  if (result.mistake.empty()) return std::move(result.text);
  node.fail(fmt::format("{}, at character {} of the text", result.mistake, result.column),
            result.unknown.empty() ? "" : did_you_mean(result.unknown, known_names(card)),
            "expression");
}

std::vector<std::string> PlanBuilder::known_names(const CardPlan* card) const {
  std::vector<std::string> names;
  for (const FieldPlan& field : plan.fields) names.push_back(field.name);
  if (card != nullptr)
    for (const ValuePlan& value : card->values) names.push_back(value.name);
  for (const expression::FunctionInfo& function : expression::functions())
    names.emplace_back(function.name);
  if (functions)
    for (const LuaFunctions::Function& function : functions->functions())
      names.push_back(function.name);
  return names;
}

std::size_t PlanBuilder::key_index(const YamlNode& role) const {
  for (std::size_t i = 0; i < plan.keys.size(); ++i)
    if (plan.keys[i].role == role.text()) return i;
  if (open_world) {
    open_world->keys.insert(role.text());
    return 0;
  }
  std::vector<std::string> names;
  for (const KeyPlan& key : plan.keys) names.push_back(key.role);
  role.fail(fmt::format("the job names no key '{}' under 'keys'", role.text()),
            did_you_mean(role.text(), names), "unknown-key-role");
}

std::size_t PlanBuilder::issuer_index(const YamlNode& name) const {
  for (std::size_t i = 0; i < plan.issuers.size(); ++i)
    if (plan.issuers[i].name == name.text()) return i;
  if (open_world) {
    open_world->issuers.insert(name.text());
    return 0;
  }
  name.fail(fmt::format("the job names no issuer '{}' under 'issuers'", name.text()));
}

void PlanBuilder::compile_policy(YamlMap map) {
  if (const auto windows = map.maybe("host_window")) plan.windows = read_window_policy(*windows);
  compile_pin_policy(map);
  compile_icc_key_policy(map);
  map.finish();
}

void PlanBuilder::compile_job(YamlMap& job) {
  mistakes.guard([&] { plan.job = job.need("name").text(); });
  mistakes.guard([&] {
    const YamlNode date = job.need("date");
    const auto parsed = emvcrypto::parse_iso_date(date.text());
    if (!parsed) date.fail("a date is written as 2026-11-22");
    plan.date = *parsed;
  });
  mistakes.guard([&] { plan.test = job.flag("test", false); });
  if (const auto operators = job.maybe("operators"))
    mistakes.guard([&] {
      for (const YamlNode& name : operators->list()) plan.operators.push_back(name.text());
    });
  mistakes.guard([&] {  // whoever opened the token has read it
    plan.files.push_back(resolve(job.text("area", "area.yaml")).string());
  });
  mistakes.guard([&] {
    templates = resolve(job.text("templates", "templates"));
    plan.templates = templates.string();
  });
  mistakes.guard([&] { plan.max_rejects = job.number("max_rejects", 0, 0, 1'000'000'000); });
  if (const auto policy = job.maybe("policy"))
    mistakes.guard([&] { compile_policy(policy->map()); });
  if (const auto file = job.maybe("functions")) mistakes.guard([&] { compile_functions(*file); });
  mistakes.guard([&] { compile_keys(job.need("keys")); });
  // Without fields every text that names one would be a mistake of its own.
  const bool fields = mistakes.guard([&] { compile_intake(job.need("intake")); });
  mistakes.guard([&] { compile_issuers(job); });
  mistakes.guard([&] {
    YamlMap products = job.need("products").map();
    if (!fields) return;
    for (const auto& [name, use] : products.all())
      mistakes.guard([&] { compile_product(name, use); });
  });
  if (fields)
    mistakes.guard([&] { compile_pin_mailer(job); });
  else
    job.maybe("pin_mailer");
  mistakes.guard([&] {
    const YamlNode output = job.need("output");
    if (fields) compile_output(*this, output);
  });
  mistakes.guard([&] { job.finish(); });

  for (const KeyPlan& key : plan.keys)
    canonical += fmt::format("{}={}\n", key.role, emvcrypto::to_hex(key.kcv));
  plan.digest = emvcrypto::to_hex(emvcrypto::sha256({emvcrypto::as_bytes(canonical)}));
}

CompiledJob examine_job(const std::filesystem::path& job_file, hsm::Token* token) {
  PlanBuilder builder(job_file.parent_path(), token);
  builder.canonical = kPlanFormat;
  builder.mistakes.guard([&] {
    YamlMap job = builder.read(job_file, "job");
    builder.compile_job(job);
  });
  return {std::move(builder.plan), std::move(builder.mistakes), std::move(builder.documents)};
}

Plan compile_job(const std::filesystem::path& job_file, hsm::Token& token) {
  CompiledJob compiled = examine_job(job_file, &token);
  compiled.mistakes.throw_if_any();
  return std::move(compiled.plan);
}

std::string origin_of(const YamlNode& node) {
  std::string text = node.place();
  if (!node.value().origin.empty()) text += " (" + node.value().origin + ")";
  for (const ConfigValue* old = node.value().replaced.get(); old; old = old->replaced.get())
    text += ", replaces " + old->place.text();
  return text;
}

}  // namespace kpd

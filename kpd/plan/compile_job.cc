#include <fmt/format.h>

#include "emvcrypto/hash.h"
#include "kpd/config/window_policy.h"
#include "kpd/plan/compile.h"
#include "kpd/plan/compile_output.h"

namespace kpd {
namespace {

/// Changes when the same files would compile to a different plan.
constexpr std::string_view kPlanFormat = "kpd-plan-1\n";

}  // namespace

std::filesystem::path PlanBuilder::resolve(const std::string& name) const {
  return base_ / name;
}

std::filesystem::path PlanBuilder::template_file(const std::string& name) const {
  return templates / (name + ".yaml");
}

YamlMap PlanBuilder::read(const std::filesystem::path& file, const std::string& kind) {
  YamlMap map = read_yaml(file, kind);
  canonical += canonical_form(map.node().value()) + "\n";
  return map;
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

TextTemplate PlanBuilder::text(const YamlNode& node, const CardPlan* card) const {
  auto result =
      compile_text(node.text(), [&](const std::string& name) { return find_field(name, card); });
  if (!result.mistake.empty()) node.fail(result.mistake);
  return std::move(result.text);
}

std::size_t PlanBuilder::key_index(const YamlNode& role) const {
  for (std::size_t i = 0; i < plan.keys.size(); ++i)
    if (plan.keys[i].role == role.text()) return i;
  role.fail(fmt::format("the job names no key '{}' under 'keys'", role.text()));
}

std::size_t PlanBuilder::issuer_index(const YamlNode& name) const {
  for (std::size_t i = 0; i < plan.issuers.size(); ++i)
    if (plan.issuers[i].name == name.text()) return i;
  name.fail(fmt::format("the job names no issuer '{}' under 'issuers'", name.text()));
}

Plan compile_job(const std::filesystem::path& job_file, hsm::Token& token) {
  PlanBuilder builder(job_file.parent_path(), token);
  builder.canonical = kPlanFormat;
  YamlMap job = builder.read(job_file, "job");
  Plan& plan = builder.plan;

  plan.job = job.need("name").text();
  const YamlNode date = job.need("date");
  const auto parsed = emvcrypto::parse_iso_date(date.text());
  if (!parsed) date.fail("a date is written as 2026-11-22");
  plan.date = *parsed;
  plan.test = job.flag("test", false);
  job.maybe("area");  // read by whoever opened the token
  builder.templates = builder.resolve(job.text("templates", "templates"));
  plan.max_rejects = job.number("max_rejects", 0, 0, 1'000'000'000);

  if (const auto policy = job.maybe("policy")) {
    YamlMap map = policy->map();
    if (const auto windows = map.maybe("host_window")) plan.windows = read_window_policy(*windows);
    if (const auto check = map.maybe("pin_check"))
      check->choice(
          {"host"});  // devices that check inside, or not at all, come with their profiles
    map.finish();
  }
  compile_output(builder, job.need("output"));
  builder.compile_intake(job.need("intake"));
  builder.compile_keys(job.need("keys"));
  builder.compile_issuers(job);

  YamlMap products = job.need("products").map();
  for (const auto& [name, card] : products.all()) {
    plan.products.emplace(name.text(), plan.cards.size());
    plan.cards.push_back(builder.compile_card(name.text(), card));
  }
  job.finish();

  for (const KeyPlan& key : plan.keys)
    builder.canonical += fmt::format("{}={}\n", key.role, emvcrypto::to_hex(key.kcv));
  plan.digest = emvcrypto::to_hex(emvcrypto::sha256({emvcrypto::as_bytes(builder.canonical)}));
  return std::move(plan);
}

}  // namespace kpd

/// From the files that people write to the plan.
#pragma once

#include <filesystem>

#include "hsm/token.h"
#include "kpd/config/yaml_reader.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// Compiles a job with everything that it names. Keys are looked up in `token` and their KCVs,
/// found by the device, become part of the digest. Throws ConfigError for mistakes in files, with
/// file, line and column, and hsm::SetupError for missing keys.
Plan compile_job(const std::filesystem::path& job_file, hsm::Token& token);

/// What the compiler of one job shares between its parts. Internal to kpd/plan.
class PlanBuilder {
 public:
  PlanBuilder(std::filesystem::path base, hsm::Token& token)
      : base_(std::move(base)), token_(token) {}

  Plan plan;

  /// A file named in the job, relative to it.
  std::filesystem::path resolve(const std::string& name) const;
  /// A template by its name ("cards/classic"), in the job's template folder.
  std::filesystem::path template_file(const std::string& name) const;

  /// Reads a file of this kind; its content becomes part of the digest.
  YamlMap read(const std::filesystem::path& file, const std::string& kind);

  void compile_intake(const YamlNode& node);                                // compile_intake.cc
  void compile_keys(const YamlNode& node);                                  // compile_keys.cc
  void compile_issuers(YamlMap& job);                                       // compile_keys.cc
  CardPlan compile_card(const std::string& product, const YamlNode& name);  // compile_card.cc

  /// An application as a card uses it: its template, and what the card says otherwise.
  struct ApplicationUse {
    std::string template_name;
    YamlMap use, document;
    Bytes aid;
    std::string label;
  };
  ApplicationUse open_application(const YamlNode& use);
  /// `all`: every application of the card, for directories.
  ApplicationPlan compile_application(ApplicationUse& use, const CardPlan& card,
                                      const std::vector<ApplicationUse>& all);

  /// Finds fields of the intake, and values of the card when one is given.
  std::optional<FieldId> find_field(const std::string& name, const CardPlan* card) const;
  TextTemplate text(const YamlNode& node, const CardPlan* card) const;
  std::size_t key_index(const YamlNode& role) const;
  std::size_t issuer_index(const YamlNode& name) const;

  std::filesystem::path templates;
  std::string canonical;  ///< what the digest is made of

 private:
  std::filesystem::path base_;
  hsm::Token& token_;
};

}  // namespace kpd

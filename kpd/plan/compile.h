/// From the files that people write to the plan.
#pragma once

#include <filesystem>
#include <map>
#include <set>

#include "hsm/token.h"
#include "kpd/config/document.h"
#include "kpd/config/yaml_reader.h"
#include "kpd/keyring/key_register.h"
#include "kpd/plan/certificate_files.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// Compiles a job with everything that it names. Keys are looked up in `token` and their KCVs,
/// found by the device, become part of the digest. Throws ConfigError with every mistake in the
/// files, each with file, line and column (exit code `hold` when nothing but keys is missing).
Plan compile_job(const std::filesystem::path& job_file, hsm::Token& token);

/// The documents that a card's plan was made of: nothing inherited, no parameters left.
struct CardDocuments {
  struct Application {
    std::string name;
    ConfigPtr document;
  };
  ConfigPtr card;
  std::vector<Application> applications;
};

/// The same for tools: what can be compiled, and all mistakes. token: null when keys are not to be
/// looked up; KCVs are empty then and the digest is not that of a run.
struct CompiledJob {
  Plan plan;
  Mistakes mistakes;
  std::vector<CardDocuments> documents;  ///< as Plan::cards
};
CompiledJob examine_job(const std::filesystem::path& job_file, hsm::Token* token);

/// What stands around a template that is compiled without a job. Every field, key and issuer that
/// it names is taken to be there.
struct TemplateWorld {
  std::filesystem::path templates;  ///< folder of what it extends; empty: found from its own place
  std::size_t issuer_bits = 1408;
  std::size_t ca_bits = 0;                  ///< 0: as long as the issuer's, so with a remainder
  std::map<std::string, std::string> with;  ///< values of parameters
  std::filesystem::path functions;          ///< a job's own functions; may be empty
};
struct CompiledTemplate {
  CompiledJob job;                 ///< of the one product, an application alone on its card
  std::vector<std::string> notes;  ///< what was assumed
};
/// Origin of what examine_template() put into a document.
inline constexpr const char* kAssumed = "assumed";

/// Compiles an application template, a card template or an output profile alone; an output profile
/// with a card that has the modules that it names. Throws ConfigError when it is none of them.
CompiledTemplate examine_template(const std::filesystem::path& file, const TemplateWorld& world);

/// What compiling without a job assumes. Internal to kpd/plan.
struct OpenWorld {
  std::set<std::string> fields, keys, issuers;  ///< named by the template
  bool incomplete =
      false;  ///< a template that only others complete: no contradictions are looked for
};

/// What the compiler of one job shares between its parts. Internal to kpd/plan.
class PlanBuilder {
 public:
  PlanBuilder(std::filesystem::path base, hsm::Token* token)
      : base_(std::move(base)), token_(token) {}

  Plan plan;
  Mistakes mistakes;

  /// A file named in the job, relative to it.
  std::filesystem::path resolve(const std::string& name) const;
  /// A template by its name ("cards/classic"), in the job's template folder.
  std::filesystem::path template_file(const std::string& name) const;

  /// Reads a file of this kind; its content becomes part of the digest.
  YamlMap read(const std::filesystem::path& file, const std::string& kind);
  /// The same for a file that `node` names; when it cannot be read, the mistake is there.
  YamlMap read_named(const YamlNode& node, const std::string& kind);

  /// The template that `layer` extends, with `layer` on top of it (document.h). Parameters are not
  /// yet put in.
  ConfigPtr resolve_template(const ConfigPtr& layer) const;
  /// `document` with its parameters put in, as a map of this kind; becomes part of the digest.
  YamlMap open_template(const ConfigPtr& document, const std::string& kind);

  void compile_functions(const YamlNode& file);                     // compile_functions.cc
  void compile_job(YamlMap& job);                                   // compile_job.cc
  void compile_intake(const YamlNode& node);                        // compile_intake.cc
  void compile_keys(const YamlNode& node);                          // compile_keys.cc
  void compile_issuers(YamlMap& job);                               // compile_issuers.cc
  void compile_product(const YamlNode& name, const YamlNode& use);  // compile_card.cc
  void compile_product_card(const std::string& product, const ConfigPtr& layer);

  /// An application as a card uses it: its document with everything that the card says otherwise.
  struct ApplicationUse {
    std::string name;  ///< in the card; the template's name unless the card gives one
    std::string template_name;
    YamlMap document;
    Bytes aid;
    std::string label;
    bool contactless = false;  ///< it has a place in a directory of contactless applications
    Bytes kernel;              ///< identifier of its kernel (9F2A) there; empty: none
  };
  /// `all`: every application of the card, for directories.
  ApplicationPlan compile_application(ApplicationUse& use, const CardPlan& card,
                                      const std::vector<ApplicationUse>& all);

  /// Finds fields of the intake, and values of the card when one is given.
  std::optional<FieldId> find_field(const std::string& name, const CardPlan* card) const;
  /// The same for what a template names: an open world has any field.
  std::optional<FieldId> named_field(const std::string& name, const CardPlan* card) const;
  /// Throws ConfigError, also for a text with a field that brings PINs: cards and files have none.
  TextTemplate text(const YamlNode& node, const CardPlan* card) const;
  /// The same for what goes to the device alone, where any field may stand.
  TextTemplate secret_text(const YamlNode& node, const CardPlan* card) const;
  /// What can stand in texts: fields, values and functions.
  std::vector<std::string> known_names(const CardPlan* card) const;
  std::size_t key_index(const YamlNode& role) const;
  /// The same for a key of a cipher with blocks of `block` bytes: 8 (3DES), 16 (AES), 0 (either).
  std::size_t cipher_key(const YamlNode& role, std::size_t block) const;  // compile_pin.cc
  std::size_t issuer_index(const YamlNode& name) const;

  std::filesystem::path templates;
  std::shared_ptr<LuaFunctions> functions;  ///< the job's own; null when it has none
  std::string canonical;                    ///< what the digest is made of
  std::vector<CardDocuments> documents;     ///< as Plan::cards
  std::shared_ptr<OpenWorld> open_world;    ///< null: everything that is named must be there

 private:
  // compile_keys.cc
  void compile_key(const YamlNode& role, const YamlNode& value);
  void read_register(const YamlNode& keys);
  std::string key_of_name(const YamlNode& name, const std::optional<YamlNode>& version) const;
  void warn_of_one_key(const YamlNode& role);  // compile_keys.cc
  void compile_issuer(const YamlNode& name, const YamlNode& value,
                      const std::vector<CaKey>& authorities);  // compile_issuers.cc
  /// Whether the token's key is the issuer's; a token without such a key, and a key that the
  /// register keeps from jobs, are mistakes at `uri`.
  bool is_key_in_token(const IssuerPlan& issuer, const YamlNode& uri) const;  // compile_issuers.cc
  CardPlan compile_card(const std::string& product, YamlMap document,
                        const std::optional<YamlNode>& risk);  // compile_card.cc
  void compile_policy(YamlMap map);                            // compile_job.cc
  // compile_values.cc
  void compile_value(const YamlNode& name, const YamlNode& node, CardPlan& card);
  void read_value(const YamlNode& node, const CardPlan& card, ValuePlan& value);
  void compile_icc_key_policy(YamlMap& policy);  // compile_icc_keys.cc
  // compile_pin.cc
  void compile_pin_policy(YamlMap& policy);
  void compile_pin(const YamlNode& node);
  void compile_pin_block(YamlMap& map);
  void compile_pin_mailer(YamlMap& job);
  void compile_mailer(const YamlNode& node);
  void require_own_mailer_key(const YamlNode& key) const;
  FieldId pin_field(const YamlNode& node, const std::string& name, FieldType type) const;
  void require_cipher(std::size_t index, const YamlNode& node, std::size_t block) const;
  /// IBM 3624 as `key` (of the intake; card: null) or `offset` (of a card's value) says.
  Ibm3624Plan compile_ibm3624(YamlMap& map, const CardPlan* card);
  void require_possible(FieldId field, const YamlNode& profile) const;
  void require_applications(const YamlNode& risk, const std::vector<ApplicationUse>& uses);
  ApplicationUse open_application(const YamlNode& use, const std::optional<YamlNode>& risk);

  std::filesystem::path base_;
  hsm::Token* token_;
  std::vector<KeyRow> key_rows_;  ///< what the area's register says of the token's keys
};

/// Runs `part`; an error that concerns a whole file is told where `node` names that file.
template <typename Part>
auto at_name(const YamlNode& node, Part part) {
  try {
    return part();
  } catch (const ConfigError& error) {
    if (error.mistakes().front().place.line > 0) throw;
    node.fail(error.what());
  }
}

/// "templates/applications/base.yaml:12:5", with what it replaces and where its parameter came
/// from.
std::string origin_of(const YamlNode& node);

}  // namespace kpd

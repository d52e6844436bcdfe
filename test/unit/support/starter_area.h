/// A work area with the starter job, as `kpd init` makes it, for one test.
#pragma once

#include <memory>
#include <string>

#include "kpd/area/area.h"
#include "kpd/plan/compile.h"
#include "test/unit/support/temp_folder.h"

namespace kpd_test {

/// Tokens, test keys, certificates, templates and data in a folder of the test's own. The starter
/// job's applications are those of test/samples/templates: the same as the library's, but written
/// in one piece each, so that a test can change a line and knows where it stands.
class StarterArea {
 public:
  StarterArea();

  const std::filesystem::path& folder() const { return folder_; }
  /// The preparation's token.
  const std::shared_ptr<hsm::Token>& token() const { return token_; }
  /// That of another party.
  std::shared_ptr<hsm::Token> open(std::string_view party) const;
  kpd::Plan compile() const { return kpd::compile_job(folder_ / "job.yaml", *token_); }

 private:
  TempFolder home_;
  std::filesystem::path folder_;
  std::unique_ptr<kpd::Area> area_;
  std::shared_ptr<hsm::Token> token_;
};

/// A change of one file that is undone at the end. Throws std::logic_error unless `from` stands in
/// the file.
class Edit {
 public:
  Edit(std::filesystem::path file, const std::string& from, const std::string& to);
  ~Edit();
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;

  /// "LINE:COLUMN" of the first place where `marker` stands in the changed file.
  std::string place_of(const std::string& marker) const;

 private:
  std::filesystem::path file_;
  std::string before_, after_;
};

}  // namespace kpd_test

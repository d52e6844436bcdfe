/// A PKCS#11 library loaded into this process and initialised once, however many ask for it.
/// Internal to hsm.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "hsm/calls.h"

namespace hsm {

/// See above. Its last holder calls C_Finalize. The code itself stays loaded: libraries that are
/// unloaded leave handlers behind that run at the program's end.
class Library {
 public:
  /// Throws SetupError when the library cannot be loaded or is in use by other rules, Error when
  /// C_Initialize fails.
  static std::shared_ptr<Library> load(const std::string& path, const LibraryRules& rules);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  const std::string& path() const { return path_; }
  const LibraryRules& rules() const { return rules_; }
  const std::vector<std::string>& restored_files() const { return restored_files_; }
  Calls& calls() { return calls_; }

  /// Held while a token is found and opened, and the tokens that are open, by label.
  std::mutex& opening() { return opening_; }
  std::map<std::string, std::weak_ptr<Token::State>>& open_tokens() { return open_tokens_; }

 private:
  Library(std::string path, LibraryRules rules, CK_FUNCTION_LIST* list)
      : path_(std::move(path)), rules_(std::move(rules)), calls_(list) {}
  void initialize();

  std::string path_;
  LibraryRules rules_;
  std::vector<std::string> restored_files_;
  Calls calls_;
  std::mutex opening_;
  std::map<std::string, std::weak_ptr<Token::State>> open_tokens_;
  bool initialized_here_ = false;
  int process_ = 0;
};

}  // namespace hsm

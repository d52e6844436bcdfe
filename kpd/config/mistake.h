/// Mistakes in files that people write: where, what, and what to do. Collected, so that one run
/// tells all of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kpd/exit_code.h"

namespace kpd {

/// A place in a file. line and column count from 1; 0: the file as a whole.
struct FilePlace {
  std::string file;
  int line = 0, column = 0;
  /// "job.yaml:12:5"
  std::string text() const;
  auto operator<=>(const FilePlace&) const = default;
};

struct Mistake {
  FilePlace place;
  std::string path;  ///< in the document: "intake.fields.pan"
  std::string text;  ///< "unknown key 'prduct'"
  std::string hint;  ///< what to do; may be empty
  std::string id;    ///< stable name of its class: "unknown-key"; empty: "config"
  bool warning = false;

  /// "job.yaml:12:5: intake: unknown key 'prduct' (did you mean 'product'?)"
  std::string line() const;
};

/// Class of mistakes that are not in the files: a key that the token does not have. An error of
/// nothing else has the exit code `hold`.
inline constexpr const char* kMissingKey = "missing-key";

/// One mistake or more. what() has a line for each.
class ConfigError : public Failure {
 public:
  explicit ConfigError(const std::string& what);
  explicit ConfigError(std::vector<Mistake> mistakes);
  const std::vector<Mistake>& mistakes() const { return mistakes_; }

 private:
  std::vector<Mistake> mistakes_;
};

/// Collects mistakes while a compiler goes on with what it can.
class Mistakes {
 public:
  /// A mistake at the same place is kept once, and not more than people would read.
  void add(Mistake mistake);

  /// Runs `part`; a ConfigError that it throws is kept. False when there was one.
  bool guard(const std::function<void()>& part);

  bool any_errors() const;
  /// How often one was added, kept or not.
  std::size_t count() const { return added_; }
  const std::vector<Mistake>& all() const { return all_; }

  /// Throws ConfigError with all of them, by file and line, unless there are warnings at most.
  void throw_if_any() const;

 private:
  std::vector<Mistake> all_;
  std::size_t added_ = 0;
};

}  // namespace kpd

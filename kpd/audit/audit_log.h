/// What was done with keys, when and by whom: a file that only grows.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace kpd {

/// Who acts and when, as an audit entry says it.
struct Actor {
  unsigned long uid = 0;
  std::string name;
  std::function<std::string()> now;  ///< "2026-11-22T10:00:00Z"
};

/// One event. Nothing in it is secret.
struct AuditEntry {
  std::string action;  ///< "key generate"
  std::string result;  ///< "done", "begun", "refused"
  std::string reason;  ///< of a refusal; else empty
  /// What it was done with, in order: {"key", "KEK1"}, {"kcv", "A43D42"} ...
  std::vector<std::pair<std::string, std::string>> details;
};

/// JSON objects, one a line: {"previous", "when", "uid", "user", "action", "result", ["reason",]
/// details ...}. `previous` is the SHA-256 of the line before without its end (64 zeros in the
/// first), so a line that is changed, taken out or put between breaks the chain behind it. Each
/// is on the disk when append() returns; processes write one after the other. A line that a crash
/// cut short stays and is part of the chain.
class AuditLog {
 public:
  /// The file is made when first written to, private to its owner.
  AuditLog(std::filesystem::path file, Actor actor);

  /// Throws Failure(io) when the entry cannot be written whole.
  void append(const AuditEntry& entry) const;

  const std::filesystem::path& file() const { return file_; }
  const Actor& actor() const { return actor_; }

 private:
  std::filesystem::path file_;
  Actor actor_;
};

}  // namespace kpd

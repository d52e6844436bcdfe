/// The reject file: one JSON object a line for each record that went no further.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "kpd/files/atomic_file.h"
#include "kpd/stream/card.pb.h"

namespace kpd {

/// {"ordinal", "line", "record", "field", "fault", "reason", "stage"}; neither PAN nor secret.
class RejectFile {
 public:
  explicit RejectFile(const std::filesystem::path& file) : file_(file) {}
  void write(const pb::Reject& reject);
  void sync() { file_.sync(); }
  void commit() { file_.commit(); }

  /// Rejects by fault code.
  const std::map<std::string, std::uint64_t>& by_fault() const { return by_fault_; }

 private:
  AtomicFile file_;
  std::map<std::string, std::uint64_t> by_fault_;
};

/// "out/batch.cps" to "out/batch.rejects.jsonl".
std::filesystem::path reject_file_of(const std::filesystem::path& card_file);

}  // namespace kpd

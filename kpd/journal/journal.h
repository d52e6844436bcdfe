/// The journal port: what a run promises and what it has kept. The stages speak to it; what keeps
/// it (nothing, SQLite, PostgreSQL) is chosen elsewhere.
#pragma once

#include <cstdint>
#include <string>

namespace kpd {

/// Counts of one chunk or of a whole run.
struct Books {
  std::uint64_t read = 0, cards = 0, rejects = 0;
  bool balanced() const { return read == cards + rejects; }
};

class Journal {
 public:
  virtual ~Journal() = default;

  /// A run of this plan begins. Returns its generation: 0 for the first.
  virtual std::uint16_t begin(const std::string& plan_digest, const std::string& run) = 0;

  /// Outputs of a chunk are written; the journal makes them final.
  virtual void commit_chunk(std::uint64_t chunk, const Books& books) = 0;

  /// The output has its name, with this digest.
  virtual void finish(const Books& books, const std::string& output_digest) = 0;
};

/// Keeps nothing: runs without a journal start anew each time.
class NullJournal : public Journal {
 public:
  std::uint16_t begin(const std::string&, const std::string&) override { return 0; }
  void commit_chunk(std::uint64_t, const Books&) override {}
  void finish(const Books&, const std::string&) override {}
};

}  // namespace kpd

/// The back office's records as typed, checked cards; faults as rejects.
#pragma once

#include <fstream>
#include <memory>
#include <variant>
#include <vector>

#include "kpd/intake/csv_reader.h"
#include "kpd/intake/side_index.h"
#include "kpd/plan/plan.h"
#include "kpd/stream/card.pb.h"

namespace kpd {

/// Reads the job's sources. Memory does not grow with the batch.
class Intake {
 public:
  /// Opens every source and reads the joined ones into an index on disk. Throws Failure(usage) when
  /// a file has no such column, Failure(io) when one cannot be read.
  explicit Intake(const Plan& plan);

  using Item = std::variant<pb::Card, pb::Reject>;
  /// The next record, in file order; nothing at the end.
  std::optional<Item> next();

  /// What is wrong with joined sources, a line each; their rows are no cards and so no rejects.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  struct Join {
    const JoinPlan* plan;
    std::unique_ptr<SideIndex> rows;
    std::unique_ptr<SideIndex> repeated;  ///< keys that more than one row has
  };

  void open_join(const JoinPlan& join);
  pb::Reject reject(const pb::Card& card, const std::string& field,
                    const emvcrypto::Fault& fault) const;
  std::optional<pb::Reject> fill(pb::Card& card, const std::vector<std::string>& row);
  std::optional<pb::Reject> join(pb::Card& card);

  const Plan& plan_;
  std::ifstream file_;
  std::unique_ptr<CsvReader> csv_;
  std::size_t column_count_ = 0;
  std::vector<std::size_t> columns_;  ///< by field: its place in a row
  std::vector<Join> joins_;
  std::vector<std::string> notes_;
  SideIndex seen_;  ///< AID, PAN and PSN of every good record so far
  std::uint64_t ordinal_ = 0;
};

}  // namespace kpd

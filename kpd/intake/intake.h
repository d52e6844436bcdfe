/// The back office's records as typed, checked cards; faults as rejects.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "kpd/intake/field_check.h"
#include "kpd/intake/field_text.h"
#include "kpd/intake/input_columns.h"
#include "kpd/intake/joined_source.h"
#include "kpd/plan/plan.h"
#include "kpd/source/record_source.h"
#include "kpd/stream/card.pb.h"

namespace kpd {

/// Reads the job's sources. Memory does not grow with the batch.
class Intake {
 public:
  /// Opens every source and reads the joined ones into an index on disk. Throws Failure(usage) when
  /// a source has no such column, Failure(io) when one cannot be read, Failure(away) when a
  /// database does not answer.
  explicit Intake(const Plan& plan);

  using Item = std::variant<pb::Card, pb::Reject>;
  /// The next record, in the order of the source; nothing at the end.
  std::optional<Item> next();

  /// What is wrong with joined sources, a line each; their rows are no cards and so no rejects.
  std::vector<std::string> notes() const;

 private:
  using Wrong = std::optional<FieldFault>;

  Wrong make_fields(pb::Card& card, FieldId first, std::size_t count, Inputs inputs) const;
  Wrong join(pb::Card& card, JoinedSource& source, std::string& place) const;
  Wrong choose_card(pb::Card& card) const;
  Wrong check_duplicate(const pb::Card& card);
  Wrong complete(pb::Card& card, Inputs inputs, std::string& place);
  void find_record_id(pb::Card& card, Inputs inputs) const;
  pb::Reject reject(const pb::Card& card, const FieldFault& wrong, const std::string& place) const;

  const Plan& plan_;
  std::vector<std::unique_ptr<JoinedSource>> joins_;
  std::unique_ptr<RecordSource> source_;
  InputColumns columns_;
  SideIndex seen_;  ///< AID, PAN and PSN of every good record so far
  std::uint64_t ordinal_ = 0;
};

}  // namespace kpd

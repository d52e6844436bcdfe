/// A second source of a card's data, found by its key.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kpd/intake/side_index.h"
#include "kpd/plan/intake_plan.h"

namespace kpd {

/// All rows of one joined source, in an index on disk.
class JoinedSource {
 public:
  /// Reads the source to its end. Throws as open_source() does, and Failure(usage) when it lacks a
  /// column that the plan wants, Failure(hold) at a row that cannot be read where the plan says so.
  explicit JoinedSource(const JoinPlan& plan);

  const JoinPlan& plan() const { return plan_; }

  /// A row with this key.
  struct Row {
    std::uint64_t line = 0;
    std::vector<std::string> inputs;  ///< by their place among the plan's inputs
  };
  /// The first row of a key; nothing when there is none.
  std::optional<Row> find(const std::string& key);
  /// Whether more rows than one have this key: nobody can tell which is right.
  bool is_repeated(const std::string& key);

  /// Where a row stands, for people: "data/loyalty.csv:7".
  std::string place(std::uint64_t line) const;

  /// What is wrong with the source, a line each; its bad rows are no cards and so no rejects.
  std::vector<std::string> notes() const;

 private:
  void add(std::uint64_t line, const std::vector<std::string_view>& inputs);
  void pass_over(std::uint64_t line, const emvcrypto::Fault& fault);

  const JoinPlan& plan_;
  SideIndex rows_;
  std::unique_ptr<SideIndex> repeated_;  ///< keys that more than one row has; null while none
  std::uint64_t unreadable_ = 0;
  std::vector<std::string> unreadable_places_;  ///< the first few, with what is wrong
};

}  // namespace kpd

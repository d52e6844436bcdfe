/// A record whose columns are found by their path in it, while its parts come.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "emvcrypto/fault.h"
#include "kpd/source/source_plan.h"

namespace kpd {

/// Collects the texts of one record after another. The first fault of a record stays.
class PathRecord {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  explicit PathRecord(const std::vector<SourceColumn>& columns);

  const std::vector<std::string>& names() const { return names_; }

  /// Forgets the last record.
  void start();

  /// Where the text of a path is kept; kNone when no column wants it.
  std::size_t find(const std::string& path) const;

  /// Begins the text at a place. Fault "twice" when the record has begun it before.
  void open(std::size_t place);

  /// Adds to the text at a place. Faults "record-size", "nul".
  void append(std::size_t place, std::string_view text);

  void fail(std::string code, std::string reason);
  bool failed() const { return fault_.has_value(); }

  /// A column has parts of its own instead of a text.
  void fail_nested(std::size_t place);

  /// The record, in the order of names().
  emvcrypto::Expected<std::vector<std::string>> finish() const;

 private:
  const std::string& name_of(std::size_t place) const;

  std::vector<std::string> names_;
  std::vector<std::size_t> places_;  ///< by column
  std::unordered_map<std::string, std::size_t> by_path_;
  std::vector<std::string> texts_;
  std::vector<bool> opened_;
  std::size_t size_ = 0;  ///< bytes of all texts
  std::optional<emvcrypto::Fault> fault_;
};

}  // namespace kpd

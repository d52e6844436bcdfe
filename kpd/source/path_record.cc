#include "kpd/source/path_record.h"

#include <algorithm>

#include "kpd/source/limits.h"

namespace kpd {

PathRecord::PathRecord(const std::vector<SourceColumn>& columns) {
  for (const SourceColumn& column : columns) {
    names_.push_back(column.name);
    places_.push_back(by_path_.emplace(column.path, by_path_.size()).first->second);
  }
}

void PathRecord::start() {
  texts_.assign(by_path_.size(), {});
  opened_.assign(by_path_.size(), false);
  size_ = 0;
  fault_.reset();
}

std::size_t PathRecord::find(const std::string& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? kNone : found->second;
}

const std::string& PathRecord::name_of(std::size_t place) const {
  const auto found = std::find(places_.begin(), places_.end(), place);
  return names_[static_cast<std::size_t>(found - places_.begin())];
}

void PathRecord::open(std::size_t place) {
  if (opened_[place]) fail("twice", "column '" + name_of(place) + "' stands there twice");
  opened_[place] = true;
}

void PathRecord::append(std::size_t place, std::string_view text) {
  size_ += text.size();
  if (size_ > kMaxRecord) return fail("record-size", "the record is longer than 1 MiB");
  if (text.find('\0') != text.npos) return fail("nul", "the record holds a NUL character");
  texts_[place] += text;
}

void PathRecord::fail(std::string code, std::string reason) {
  if (!fault_) fault_ = emvcrypto::Fault{std::move(code), std::move(reason)};
}

void PathRecord::fail_nested(std::size_t place) {
  fail("nested", "column '" + name_of(place) + "' has parts of its own");
}

emvcrypto::Expected<std::vector<std::string>> PathRecord::finish() const {
  if (fault_) return tl::unexpected(*fault_);
  std::vector<std::string> row;
  for (std::size_t place : places_) row.push_back(texts_[place]);
  return row;
}

}  // namespace kpd

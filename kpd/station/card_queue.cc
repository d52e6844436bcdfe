#include "kpd/station/card_queue.h"

#include <utility>

#include "kpd/exit_code.h"

namespace kpd {

CardQueue::CardQueue(const std::string& file, CardSelection selection)
    : in_(file, std::ios::binary), selection_(std::move(selection)) {
  if (!in_) throw Failure(ExitCode::io, file + ": the card file cannot be opened");
  reader_ = cps::open_card_file(in_);
}

std::optional<CardJob> CardQueue::next() {
  const std::lock_guard lock(mutex_);
  if (stopped_) return std::nullopt;
  if (ahead_.empty()) return read_next();
  std::optional<CardJob> job = std::move(ahead_.front());
  ahead_.pop_front();
  return job;
}

void CardQueue::put_back(CardJob job) {
  const std::lock_guard lock(mutex_);
  ahead_.push_front(std::move(job));
}

bool CardQueue::empty() {
  const std::lock_guard lock(mutex_);
  if (stopped_) return true;
  if (ahead_.empty())
    if (auto job = read_next()) ahead_.push_back(*std::move(job));
  return ahead_.empty();
}

std::optional<CardJob> CardQueue::read_next() {
  while (auto modules = reader_->next()) {
    CardJob job;
    job.index = index_++;
    const auto text = [&](std::string_view mic) {
      const cps::Bytes* content = cps::find_module(*modules, mic);
      return content == nullptr ? std::string() : std::string(emvcrypto::as_text(*content));
    };
    job.record_id = text(cps::kReferenceMic);
    job.product = text(cps::kTypeMic);
    if (job.index < selection_.first || job.index - selection_.first >= selection_.count) continue;
    if (taken_[job.product] >= selection_.per_product) continue;
    ++taken_[job.product];
    if (selection_.wanted && !selection_.wanted(job)) continue;
    auto record = cps::chip_record(header(), *modules);
    if (!record) throw cps::FileError("record " + job.record_id + ": " + record.error().reason);
    job.record = *std::move(record);
    job.modules = *std::move(modules);
    return job;
  }
  return std::nullopt;
}

std::uint64_t CardQueue::count_rest() {
  const std::lock_guard lock(mutex_);
  std::uint64_t rest = ahead_.size();
  ahead_.clear();
  while (read_next()) ++rest;
  stopped_ = true;
  return rest;
}

void CardQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

}  // namespace kpd

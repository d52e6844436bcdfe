#include "kpd/pool/pool_icc_keys.h"

#include <algorithm>

#include "kpd/certificates/calendar.h"
#include "kpd/exit_code.h"
#include "kpd/keys/storage_key.h"

namespace kpd {

using emvcrypto::RsaKeyPair;
using emvcrypto::RsaShape;

bool is_young(const Plan& plan, const PoolEntry& entry) {
  const unsigned days = plan.icc_keys.pool_days;
  return days == 0 || days_between(entry.made, plan.date) <= static_cast<int>(days);
}

PoolKeys::PoolKeys(const Plan& plan, std::shared_ptr<hsm::Token> token,
                   std::filesystem::path folder, std::unique_ptr<IccKeys> otherwise)
    : plan_(plan),
      token_(std::move(token)),
      storage_(storage_key(plan, *token_)),
      otherwise_(std::move(otherwise)),
      pool_(std::move(folder)) {}

PoolKeys::~PoolKeys() {
  for (auto& [name, shelf] : shelves_) {
    const auto& [bits, exponent, full_parts] = name;
    try {
      put_back({bits, exponent, full_parts}, shelf);
    } catch (const std::exception&) {
      // Lost, as after a crash: these pairs are registered as taken.
    }
  }
}

void PoolKeys::list(const RsaShape& shape, Shelf& shelf) const {
  shelf.files = pool_.files();
  std::erase_if(shelf.files, [&](const PoolEntry& entry) {
    return entry.shape != shape || !is_young(plan_, entry);
  });
  std::ranges::reverse(shelf.files);
}

bool PoolKeys::open_next(const RsaShape& shape, Shelf& shelf) {
  for (bool listed = false;;) {
    if (shelf.files.empty()) {
      if (listed) return false;
      list(shape, shelf);  // others fill and take meanwhile
      listed = true;
      continue;
    }
    const PoolEntry entry = std::move(shelf.files.back());
    shelf.files.pop_back();
    if (auto file = pool_.take(entry, *token_, storage_)) {
      shelf.open = std::move(file);
      return true;
    }
  }
}

std::vector<RsaKeyPair> PoolKeys::take(const RsaShape& shape, std::size_t count) {
  std::vector<RsaKeyPair> pairs;
  pairs.reserve(count);
  {
    const std::lock_guard lock(mutex_);
    Shelf& shelf = shelves_[{shape.bits, shape.exponent, shape.full_parts}];
    while (pairs.size() < count && !shelf.empty) {
      if (shelf.open && shelf.open->left() > 0)
        pairs.push_back(shelf.open->next());
      else
        shelf.empty = !open_next(shape, shelf);
    }
    taken_ += pairs.size();
  }
  if (pairs.size() == count) return pairs;
  if (!otherwise_)
    throw Failure(ExitCode::hold,
                  "the pool has no more RSA pairs of " + shape_name(shape) + " in " +
                      pool_.folder().string() +
                      ": make some (kpd pool fill), or let the job make what is missing "
                      "(policy.empty_pool: hsm or factory)");
  for (RsaKeyPair& pair : otherwise_->take(shape, count - pairs.size()))
    pairs.push_back(std::move(pair));
  return pairs;
}

IccKeyCounts PoolKeys::counts() const {
  IccKeyCounts counts = otherwise_ ? otherwise_->counts() : IccKeyCounts();
  const std::lock_guard lock(mutex_);
  counts["pool"] = taken_;
  return counts;
}

void PoolKeys::put_back(const RsaShape& shape, Shelf& shelf) {
  if (!shelf.open || shelf.open->left() == 0) return;
  PoolFileWriter file(shape, shelf.open->source(), shelf.open->entry().made, *token_, storage_);
  while (shelf.open->left() > 0) file.add(shelf.open->next());
  file.write(pool_.open_folder());
}

}  // namespace kpd

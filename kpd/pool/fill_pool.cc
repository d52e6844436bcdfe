#include "kpd/pool/fill_pool.h"

#include <sched.h>
#include <sys/resource.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <mutex>

#include "kpd/parallel/workers.h"
#include "kpd/pool/pool_icc_keys.h"

namespace kpd {
namespace {

/// Clear pairs that are made between two looks at whether to stop.
constexpr std::size_t kPiece = 16;
constexpr std::size_t kFewestFiles = 16;
constexpr int kLowestPriority = 19;

/// Several files even of few pairs: a run takes a file whole, and others want some too.
std::vector<PoolOrder> files_of(const std::vector<PoolOrder>& orders) {
  std::vector<PoolOrder> files;
  for (const PoolOrder& order : orders) {
    const std::size_t size = std::clamp(order.pairs / kFewestFiles, kPiece, kPairsAFile);
    for (std::size_t at = 0; at < order.pairs; at += size)
      files.push_back({order.shape, std::min(size, order.pairs - at)});
  }
  return files;
}

}  // namespace

std::vector<PoolOrder> missing_pairs(const Plan& plan, const KeyPool& pool, std::size_t level) {
  std::vector<PoolOrder> orders;
  const auto files = pool.files();
  const auto add = [&](const std::optional<RsaPairPlan>& pair) {
    if (!pair) return;
    const emvcrypto::RsaShape shape = shape_of(*pair);
    if (std::ranges::find(orders, shape, &PoolOrder::shape) != orders.end()) return;
    std::size_t pairs = 0;
    for (const PoolEntry& file : files)
      if (file.shape == shape && is_young(plan, file)) pairs += file.pairs;
    orders.push_back({shape, level > pairs ? level - pairs : 0});
  };
  for (const CardPlan& card : plan.cards)
    for (const ApplicationPlan& application : card.applications) {
      add(application.icc_key);
      add(application.pin_key);
    }
  return orders;
}

std::size_t fill_pool(KeyPool& pool, const std::vector<PoolOrder>& orders,
                      const PoolFilling& filling) {
  const std::filesystem::path& folder = pool.open_folder();
  const std::vector<PoolOrder> files = files_of(orders);
  std::mutex mutex;
  std::size_t made = 0;
  const auto make_file = [&](std::size_t number) {
    const PoolOrder& order = files[number];
    if (filling.stopped()) return;
    PoolFileWriter file(order.shape, filling.source_name, filling.today, *filling.token,
                        filling.storage);
    while (file.pairs() < order.pairs && !filling.stopped()) {
      const std::size_t piece = std::min(kPiece, order.pairs - file.pairs());
      for (const auto& pair : filling.source.take(order.shape, piece)) file.add(pair);
      const std::lock_guard lock(mutex);
      made += piece;
      filling.progress(made);
    }
    if (file.pairs() > 0) file.write(folder);
  };
  with_workers(filling.workers, [&] {
    tbb::parallel_for(std::size_t{0}, files.size(), make_file, tbb::simple_partitioner());
  });
  return made;
}

void yield_to_others() {
  const sched_param none{};
  if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) setpriority(PRIO_PROCESS, 0, kLowestPriority);
}

}  // namespace kpd

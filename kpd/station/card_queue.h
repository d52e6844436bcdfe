/// The cards of a file, handed out one by one to stations.
#pragma once

#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cps/card_source.h"

namespace kpd {

/// One card to make: its place, its modules, its CPS record.
struct CardJob {
  std::uint64_t index = 0;  ///< in the file, from 0
  std::string record_id, product;
  std::vector<cps::Module> modules;
  cps::Record record;
  unsigned chips = 0;      ///< how many were begun with it, in earlier runs too
  unsigned visits = 0;     ///< chips that it met in this run
  bool bound = false;      ///< it was in doubt: it meets no chip but the one at hand
  std::vector<bool> held;  ///< by the record's applications: what the chip at hand holds already
};

/// Which cards of a file are wanted.
struct CardSelection {
  std::uint64_t first = 0;  ///< from 0
  std::uint64_t count = ~std::uint64_t{0};
  std::uint64_t per_product = ~std::uint64_t{0};  ///< at most so many of each product
  /// Asked for each card that the rest leaves: false passes it over. May fill in `chips`.
  std::function<bool(CardJob&)> wanted = {};
};

/// Thread-safe. Memory holds one card, and those that were put back.
class CardQueue {
 public:
  /// Throws Failure(io) or cps::FileError.
  CardQueue(const std::string& file, CardSelection selection);

  const cps::FileHeader& header() const { return reader_->header(); }

  /// The next wanted card; nothing at the end, or after stop(). Reads to the file's trailer, so
  /// that one which changes meanwhile is found out. Throws cps::FileError.
  std::optional<CardJob> next();

  /// A card that no chip took: it is the next one again.
  void put_back(CardJob job);

  /// Whether next() would give nothing. Another thread may still take the last one.
  bool empty();

  /// Reads to the end and counts the wanted cards that were not handed out.
  std::uint64_t count_rest();

  /// No more cards are handed out.
  void stop();

 private:
  std::optional<CardJob> read_next();

  std::mutex mutex_;
  std::ifstream in_;
  std::unique_ptr<cps::CardSource> reader_;
  CardSelection selection_;
  std::map<std::string, std::uint64_t> taken_;
  std::uint64_t index_ = 0;
  std::deque<CardJob> ahead_;  ///< read, not handed out
  bool stopped_ = false;
};

}  // namespace kpd

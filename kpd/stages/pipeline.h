/// The stages put together: one by one over streams, or all in one process.
#pragma once

#include <filesystem>
#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <ostream>

#include "hsm/token.h"
#include "kpd/journal/journal.h"
#include "kpd/keys/host_window.h"
#include "kpd/keys/icc_keys.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// What every stage needs.
struct StageContext {
  const Plan& plan;
  std::shared_ptr<hsm::Token> token;
  HostWindows& windows;
  Journal& journal;
  std::function<void(const Books&)> progress;    ///< after each chunk; may be empty
  std::function<void(const std::string&)> note;  ///< what a person should know; may be empty
  unsigned workers = 1;                          ///< chunks in work at a time
  std::function<bool()> stopped = {};            ///< somebody wants the run to end; may be empty
  std::filesystem::path pool = {};               ///< folder of RSA pairs made ahead
  emvcrypto::FactoryPath factory_path = emvcrypto::FactoryPath::automatic;
};

/// How a batch came out.
struct BatchResult {
  Books books;
  std::map<std::string, std::uint64_t> rejects_by_fault;
  std::string digest;     ///< of the card file
  IccKeyCounts icc_keys;  ///< who made the cards' RSA pairs; empty where there are none
};

/// The four filters. Each throws Failure when its input or output breaks, and Failure(try_again)
/// when it was stopped before its end.
Books ingest(const StageContext& context, std::ostream& out);
Books prepare(const StageContext& context, std::istream& in, std::ostream& out);
Books sign(const StageContext& context, std::istream& in, std::ostream& out);
/// card_file appears at the end or not at all, and the reject file with it.
BatchResult emit(const StageContext& context, std::istream& in,
                 const std::filesystem::path& card_file);

/// All stages in this process, streaming.
BatchResult run_batch(const StageContext& context, const std::filesystem::path& card_file);

}  // namespace kpd

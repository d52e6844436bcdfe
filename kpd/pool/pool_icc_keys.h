/// The pool as a source of card RSA pairs.
#pragma once

#include <map>
#include <mutex>
#include <tuple>

#include "kpd/keys/icc_keys.h"
#include "kpd/plan/plan.h"
#include "kpd/pool/key_pool.h"

namespace kpd {

/// Whether a job of this plan takes pairs of this age.
bool is_young(const Plan& plan, const PoolEntry& entry);

/// Takes the oldest files that the plan still wants. Pairs of a taken file that no card needed go
/// back as a new file when this object goes; after a crash they are lost, and never used.
class PoolKeys : public IccKeys {
 public:
  /// otherwise: makes what the pool lacks; empty: then Failure(hold).
  PoolKeys(const Plan& plan, std::shared_ptr<hsm::Token> token, std::filesystem::path folder,
           std::unique_ptr<IccKeys> otherwise);
  ~PoolKeys() override;
  PoolKeys(const PoolKeys&) = delete;
  PoolKeys& operator=(const PoolKeys&) = delete;

  std::vector<emvcrypto::RsaKeyPair> take(const emvcrypto::RsaShape& shape,
                                          std::size_t count) override;
  IccKeyCounts counts() const override;

 private:
  /// The file in hand of one shape, and those that may follow it.
  struct Shelf {
    std::unique_ptr<PoolFile> open;
    std::vector<PoolEntry> files;  ///< as they were listed; the next one last
    bool empty = false;
  };
  using Name = std::tuple<unsigned, unsigned, bool>;

  bool open_next(const emvcrypto::RsaShape& shape, Shelf& shelf);
  void list(const emvcrypto::RsaShape& shape, Shelf& shelf) const;
  void put_back(const emvcrypto::RsaShape& shape, Shelf& shelf);

  const Plan& plan_;
  std::shared_ptr<hsm::Token> token_;
  hsm::Key storage_;
  std::unique_ptr<IccKeys> otherwise_;
  mutable std::mutex mutex_;  ///< of what follows
  KeyPool pool_;
  std::map<Name, Shelf> shelves_;
  std::uint64_t taken_ = 0;
};

}  // namespace kpd

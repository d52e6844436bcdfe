#include <algorithm>
#include <atomic>
#include <mutex>

#include "kpd/keys/icc_keys.h"

namespace kpd {
namespace {

using emvcrypto::KeyFactory;

class FactoryKeys : public IccKeys {
 public:
  FactoryKeys(std::shared_ptr<hsm::Token> token, emvcrypto::FactoryPath path)
      : token_(std::move(token)), path_(path) {}

  std::vector<emvcrypto::RsaKeyPair> take(const emvcrypto::RsaShape& shape,
                                          std::size_t count) override {
    auto factory = borrow();
    auto pairs = factory->make(shape, count);  // what throws here takes its factory with it
    made_ += count;
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(factory));
    return pairs;
  }

  IccKeyCounts counts() const override { return {{"factory", made_}}; }

 private:
  std::unique_ptr<KeyFactory> borrow() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto factory = std::move(idle_.back());
        idle_.pop_back();
        return factory;
      }
    }
    const auto seed = [token = token_](hsm::MutableBytes out) {
      const hsm::Secret drawn = token->random_secret(out.size());
      std::ranges::copy(drawn.expose(), out.begin());
    };
    return std::make_unique<KeyFactory>(seed, path_);
  }

  std::shared_ptr<hsm::Token> token_;
  emvcrypto::FactoryPath path_;
  std::atomic<std::uint64_t> made_ = 0;
  std::mutex mutex_;  ///< of what follows
  std::vector<std::unique_ptr<KeyFactory>> idle_;
};

}  // namespace

std::unique_ptr<IccKeys> make_factory_keys(std::shared_ptr<hsm::Token> token,
                                           emvcrypto::FactoryPath path) {
  return std::make_unique<FactoryKeys>(std::move(token), path);
}

}  // namespace kpd

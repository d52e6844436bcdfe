#include "emvcrypto/factory/key_factory.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>

#include "emvcrypto/factory/lane_engine.h"
#include "emvcrypto/factory/locked_memory.h"
#include "emvcrypto/factory/pair_maker.h"
#include "emvcrypto/factory/prime_search.h"
#include "emvcrypto/factory/random_stream.h"

namespace emvcrypto {
namespace {

using namespace factory;

FactoryPath chosen(FactoryPath wanted) {
  for (const auto& [path, name] : kFactoryPaths) {
    if (wanted != path && wanted != FactoryPath::automatic) continue;
    if (factory_has(path)) return path;
    if (wanted == path)
      throw std::invalid_argument(std::string("this processor has not the key factory's path ") +
                                  name);
  }
  throw std::invalid_argument("the key factory has no such path");
}

void require_shape(const RsaShape& shape) {
  if (shape.bits < 512 || shape.bits > 2048 || shape.bits % 8 != 0)
    throw std::invalid_argument("the key factory makes moduli of 512 to 2048 bits in steps of 8");
  if (shape.exponent != 3 && shape.exponent != 65537)
    throw std::invalid_argument("the key factory makes public exponents 3 and 65537");
}

/// Wipes what a call has left on the stack, however it ends.
struct StackWiper {
  StackWiper() = default;
  StackWiper(const StackWiper&) = delete;
  StackWiper& operator=(const StackWiper&) = delete;
  ~StackWiper() { wipe_stack(); }
};

/// All that makes pairs of one shape.
struct Line {
  Line(const RsaShape& shape, FactoryPath path, RandomStream& random)
      : engine(make_engine(path, shape.bits / 2)),
        search(shape.bits / 2, shape.exponent, *engine, random),
        maker(shape, search, *engine, random) {}

  std::unique_ptr<LaneEngine> engine;
  PrimeSearch search;
  PairMaker maker;
};

}  // namespace

bool factory_has(FactoryPath path) {
  if (path == FactoryPath::ifma) return has_ifma();
  return path != FactoryPath::avx2 || has_avx2();
}

class KeyFactory::Impl {
 public:
  Impl(SeedSource seed, FactoryPath path)
      : path_(chosen(path)), random_(std::move(seed)), process_(getpid()) {}

  FactoryPath path() const { return path_; }

  std::vector<RsaKeyPair> make(const RsaShape& shape, std::size_t count) {
    require_shape(shape);
    if (getpid() != process_)
      throw std::logic_error("a key factory cannot be used after a fork: it would repeat its keys");
    const StackWiper wiper;
    const Name name{shape.bits, shape.exponent, shape.full_parts};
    try {
      PairMaker& maker = lines_.try_emplace(name, shape, path_, random_).first->second.maker;
      std::vector<RsaKeyPair> pairs;
      pairs.reserve(count);
      while (pairs.size() < count) maker.make(std::min(count - pairs.size(), kLanes), pairs);
      return pairs;
    } catch (...) {
      lines_.erase(name);  // it stands in the middle of a step, and could repeat a prime
      throw;
    }
  }

 private:
  using Name = std::tuple<unsigned, unsigned, bool>;

  FactoryPath path_;
  RandomStream random_;
  pid_t process_;
  std::map<Name, Line> lines_;
};

KeyFactory::KeyFactory(SeedSource seed, FactoryPath path)
    : impl_(std::make_unique<Impl>(std::move(seed), path)) {}
KeyFactory::KeyFactory(KeyFactory&&) noexcept = default;
KeyFactory& KeyFactory::operator=(KeyFactory&&) noexcept = default;
KeyFactory::~KeyFactory() = default;

FactoryPath KeyFactory::path() const {
  return impl_->path();
}

std::vector<RsaKeyPair> KeyFactory::make(const RsaShape& shape, std::size_t count) {
  return impl_->make(shape, count);
}

}  // namespace emvcrypto

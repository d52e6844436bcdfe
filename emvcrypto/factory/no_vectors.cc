// In place of the engines for vector registers where the compiler makes code for another kind of
// processor.
#include <stdexcept>

#include "emvcrypto/factory/lane_engine.h"

namespace emvcrypto::factory {

bool has_ifma() {
  return false;
}

std::unique_ptr<LaneEngine> make_ifma_engine(unsigned) {
  throw std::logic_error("this processor has no AVX-512 IFMA");
}

bool has_avx2() {
  return false;
}

std::unique_ptr<LaneEngine> make_avx2_engine(unsigned) {
  throw std::logic_error("this processor has no AVX2");
}

}  // namespace emvcrypto::factory

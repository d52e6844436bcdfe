#include "kpd/intake/told_record_id.h"

#include "emvcrypto/pan.h"

namespace kpd {
namespace {

constexpr std::size_t kShortestPan = 12;  ///< digits

}  // namespace

std::string told_record_id(std::string_view id) {
  return id.size() >= kShortestPan && emvcrypto::luhn_valid(id) ? std::string() : std::string(id);
}

}  // namespace kpd

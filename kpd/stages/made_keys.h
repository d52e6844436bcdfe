/// The keys of a chunk's cards once they are made, in this process or inside the device, and what
/// is the same for both: check values, IVCVC3, the DGIs that carry them.
#pragma once

#include "emvcrypto/mac.h"
#include "kpd/plan/plan.h"
#include "kpd/stages/chunk.h"

namespace kpd {

/// Where one key goes: application `application` of card `card`, its key `key`.
struct KeyPlace {
  std::size_t card, application, key;
  auto operator<=>(const KeyPlace&) const = default;
};

/// Keys that are there for every place of the chunk's cards without fault.
class MadeKeys {
 public:
  virtual ~MadeKeys() = default;

  /// 3 bytes.
  virtual Bytes kcv(const KeyPlace& at) = 0;

  virtual emvcrypto::RetailMacKey mac_key(const KeyPlace& at) = 0;

  /// Sees to it that this DGI of a card's application carries its keys.
  virtual void carry(std::size_t card, std::size_t application, const DgiPlan& dgi,
                     pb::Application& made) = 0;
};

/// Check values, IVCVC3 and DGIs with keys, for the cards without fault.
void place_keys(const Plan& plan, Chunk& chunk, const ChunkFaults& faults, MadeKeys& keys);

}  // namespace kpd

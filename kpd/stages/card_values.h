/// Computed values of each card: card verification values, PIN verification values, PIN offsets.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "emvcrypto/mac.h"
#include "hsm/token.h"
#include "kpd/stages/pin_maker.h"

namespace kpd {

class CardValues {
 public:
  /// keys: by index in Plan::keys. plan and keys must outlive it.
  CardValues(const Plan& plan, std::shared_ptr<hsm::Token> token,
             const std::vector<hsm::Key>& keys);

  /// Appends the values of each card to its fields, in the order of its plan; later ones may look
  /// at earlier ones. Fault "value", with the value's name as its field.
  void make(Chunk& chunk, const ChunkPins& pins, ChunkFaults& faults);

 private:
  /// A value of one card, to be computed with others under the same key.
  struct Wanted {
    std::size_t card;
    const ValuePlan* plan;
    std::string result;
  };
  using Group = std::vector<Wanted>;
  /// What values must share to be computed together.
  using GroupKey = std::tuple<ValuePlan::Kind, std::size_t, std::size_t, std::string, std::size_t>;

  void compute(Group& group, const Chunk& chunk, const ChunkPins& pins, ChunkFaults& faults);
  void cvvs(Group& group, const Chunk& chunk, ChunkFaults& faults);
  void pvvs(Group& group, const Chunk& chunk, const ChunkPins& pins, ChunkFaults& faults);
  void offsets(Group& group, const Chunk& chunk, const ChunkPins& pins, ChunkFaults& faults);

  const Plan& plan_;
  std::shared_ptr<hsm::Token> token_;
  const std::vector<hsm::Key>& keys_;
  std::map<std::pair<std::size_t, std::size_t>, emvcrypto::RetailMacKey> cvks_;
};

}  // namespace kpd

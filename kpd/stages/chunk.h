/// What the stages work on: some hundred cards at a time, so that the HSM gets vectors and memory
/// stays flat.
#pragma once

#include <string>
#include <vector>

#include "emvcrypto/fault.h"
#include "kpd/plan/plan.h"
#include "kpd/stream/card.pb.h"

namespace kpd {

/// Cards on their way through the stages, and those that fell out since the chunk began.
struct Chunk {
  static constexpr std::size_t kSize = 64;  ///< cards

  std::uint64_t read = 0;  ///< records that it began with
  std::vector<pb::Card> cards;
  std::vector<pb::Reject> rejects;
  Bytes written;  ///< the cards as they stand in the output, once they are laid out for it
};

/// Faults by card while a stage works; the cards leave the chunk together at its end.
class ChunkFaults {
 public:
  explicit ChunkFaults(const Chunk& chunk) : faults_(chunk.cards.size()) {}

  /// The first fault of a card counts. field: name of the input field, may be empty.
  void set(std::size_t card, std::string field, emvcrypto::Fault fault);
  bool has(std::size_t card) const { return faults_[card].has_value(); }

  /// Moves the faulty cards of the chunk to its rejects.
  void apply(Chunk& chunk, const Plan& plan, const std::string& stage) const;

 private:
  struct Found {
    std::string field;
    emvcrypto::Fault fault;
  };
  std::vector<std::optional<Found>> faults_;
};

/// A field of a card by its id, plan's fields first, then the card's values.
inline std::string_view field_of(const pb::Card& card, FieldId id) {
  return static_cast<int>(id) < card.fields_size()
             ? std::string_view(card.fields(static_cast<int>(id)))
             : std::string_view();
}

/// The text of a template for this card.
inline emvcrypto::Expected<std::string> expand(const TextTemplate& text, const pb::Card& card) {
  return expand(text, [&](FieldId id) { return field_of(card, id); });
}

/// The bytes of a protobuf field.
inline ByteView view_of(const std::string& bytes) {
  return emvcrypto::as_bytes(bytes);
}
inline std::string to_field(ByteView bytes) {
  return std::string(emvcrypto::as_text(bytes));
}

}  // namespace kpd

/// Secret DGI values of a whole chunk on their way under a transport key: few calls of the device.
#pragma once

#include "hsm/token.h"
#include "kpd/stages/chunk.h"

namespace kpd {

/// Collects clear values, already padded to whole blocks, and enciphers them together.
class SecretBatch {
 public:
  /// output: says how each DGI is enciphered; outlives the batch.
  explicit SecretBatch(const OutputPlan& output) : output_(output) {}

  /// A value for this secret DGI of this card's application. `value` is copied into locked memory.
  void add(std::size_t card, std::size_t application, const DgiPlan& dgi, ByteView value);

  /// Enciphers everything by 3DES in the mode of its DGI (CMODE) and puts it into the cards as
  /// secrets; wipes the clear values.
  void finish(hsm::Token& token, const hsm::Key& transport_key, Chunk& chunk);

 private:
  struct Entry {
    std::size_t card, application;
    cps::DgiId id;
    cps::Cmode mode;
    hsm::Secret value;
  };
  const OutputPlan& output_;
  std::vector<Entry> entries_;
};

/// `value` under a DGI's padding rule: 80 00.. to whole 8-byte blocks (EMV CPS 1.1, 3.2.7).
hsm::Secret padded_secret(ByteView value, PadRule pad);

}  // namespace kpd

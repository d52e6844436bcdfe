/// Stage `sign`: static data authentication, certificates, and the final DGIs of each card.
#pragma once

#include <memory>
#include <vector>

#include "kpd/keys/hsm_signer.h"
#include "kpd/stages/chunk.h"

namespace kpd {

class Sign {
 public:
  /// Finds the issuers' keys. Throws before the first card when one is missing.
  Sign(const Plan& plan, std::shared_ptr<hsm::Token> token);

  /// Signs the chunk with one call an issuer, verifies every chain from the CA key down as a
  /// terminal would, and lays out the DGIs. Cards that break a limit leave as rejects (stage
  /// "sign"); a signature that does not verify ends the run, since the device or the plan is wrong.
  void run(Chunk& chunk);

 private:
  struct Job;
  void collect(const Chunk& chunk, ChunkFaults& faults, std::vector<std::vector<Job>>& jobs) const;
  void place(Chunk& chunk, std::size_t issuer, const std::vector<Job>& jobs,
             const std::vector<Bytes>& signatures) const;
  void lay_out(Chunk& chunk, ChunkFaults& faults) const;

  const Plan& plan_;
  std::vector<std::unique_ptr<emvcrypto::RsaSigner>> signers_;  ///< by index in Plan::issuers
  std::vector<emvcrypto::RsaPublicKey> issuer_keys_;            ///< as the certificates give them
};

}  // namespace kpd

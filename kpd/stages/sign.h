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
  /// terminal would, lays out the DGIs and reads them back: what a terminal authenticates must be
  /// what was signed. Cards that break a rule leave as rejects (stage "sign"); a signature that
  /// does not verify ends the run, since the device or the plan is wrong.
  void run(Chunk& chunk);

 private:
  struct Job;
  /// What was signed for an application of a card of the chunk.
  struct StaticData {
    std::size_t card = 0, application = 0;
    Bytes signed_data;
  };
  void collect(const Chunk& chunk, ChunkFaults& faults, std::vector<std::vector<Job>>& jobs,
               std::vector<StaticData>& signed_data) const;
  void place(Chunk& chunk, std::size_t issuer, const std::vector<Job>& jobs,
             const std::vector<Bytes>& signatures) const;
  void lay_out(Chunk& chunk, ChunkFaults& faults) const;  // lay_out.cc
  /// Reads every application that was signed as a terminal will.
  void check_signed(const Chunk& chunk, ChunkFaults& faults,
                    const std::vector<StaticData>& all) const;  // lay_out.cc

  const Plan& plan_;
  std::vector<std::unique_ptr<emvcrypto::RsaSigner>> signers_;  ///< by index in Plan::issuers
  std::vector<emvcrypto::RsaPublicKey> issuer_keys_;            ///< as the certificates give them
};

}  // namespace kpd

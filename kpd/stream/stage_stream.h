/// Stage files: what flows between `ingest`, `prepare`, `sign` and `emit` (docs/stage-format.md).
///
/// "KPDS" | version 1 | length(4) StreamHeader | frames. A frame is length(4) | ordinal(8) | sealed
/// body: a protobuf Frame under AES-256/GCM with the stream's own data key, which the header
/// carries sealed by the storage key in the HSM. Nonce: the frame's number; associated data: stage,
/// run, plan digest, data key id, transport keys, ordinal. The last frame is End; a stream without
/// it is cut.
#pragma once

#include <istream>
#include <ostream>

#include "emvcrypto/aead.h"
#include "hsm/token.h"
#include "kpd/plan/plan.h"
#include "kpd/stream/card.pb.h"

namespace kpd {

/// Writes one stage file.
class StageWriter {
 public:
  /// `header` says stage, run, plan digest and transport keys; data key and version are added here.
  /// storage: AES key in the token.
  StageWriter(std::ostream& out, pb::StreamHeader header, hsm::Token& token,
              const hsm::Key& storage);

  void write(const pb::Card& card);
  void write(const pb::Reject& reject);
  /// Ends the stream; throws Failure(io) when anything could not be written.
  void finish(const pb::End& end);

 private:
  void write(const pb::Frame& frame, std::uint64_t ordinal);

  std::ostream& out_;
  Bytes associated_;
  std::uint64_t frames_ = 0;
  std::optional<emvcrypto::Aead> aead_;
};

/// The head of a stage file, in clear; the stream stands at its first frame then. Throws
/// Failure(hold) when nothing came in, this is no stage file, or its head is damaged.
pb::StreamHeader read_stage_head(std::istream& in);

/// Reads one stage file.
class StageReader {
 public:
  /// Throws Failure(hold) when this is no stage file, comes from another stage than
  /// `expected_stage` or was made by another plan.
  StageReader(std::istream& in, const std::string& expected_stage, const Plan& plan,
              hsm::Token& token, const hsm::Key& storage);

  const pb::StreamHeader& header() const { return header_; }

  /// The next card or reject; nothing at the end, when counts have been found right. Throws
  /// Failure(hold) when the stream is cut or a frame was changed.
  std::optional<pb::Frame> next();

  /// After the end: the counts.
  const pb::End& end() const { return end_; }

 private:
  std::istream& in_;
  pb::StreamHeader header_;
  pb::End end_;
  Bytes associated_;
  std::uint64_t frames_ = 0, cards_ = 0, rejects_ = 0;
  bool ended_ = false;
  std::optional<emvcrypto::Aead> aead_;
};

/// Associated data of every frame of a stream: binds it to stage, run, plan, data key and transport
/// keys, each field behind its length (2 bytes).
Bytes stream_binding(const pb::StreamHeader& header);

}  // namespace kpd

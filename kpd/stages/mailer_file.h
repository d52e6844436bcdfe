/// What the printer of PIN mailers gets: one JSON object a line for each card in the card file.
#pragma once

#include <filesystem>

#include "kpd/files/atomic_file.h"
#include "kpd/stages/chunk.h"

namespace kpd {

/// {"run", "record", "pan", the job's own fields ..., "format", "pin_block", "key", "kcv"}. The PAN
/// is masked unless the block is bound to it. The block is under the mailer's key; nothing else in
/// the file is secret.
class MailerFile {
 public:
  /// plan: one with a mailer; must outlive it. run: 16 bytes, as in the card file's header.
  MailerFile(const Plan& plan, ByteView run);
  /// Writes nothing for a card without a PIN.
  void write(const pb::Card& card);
  void sync() { file_.sync(); }
  /// As AtomicFile: the mailers of the run before come back unless settle() is called.
  void replace() { file_.replace(); }
  void settle() { file_.settle(); }

 private:
  const Plan& plan_;
  const MailerPlan& mailer_;
  std::string run_;
  AtomicFile file_;
};

}  // namespace kpd

/// The personalisation of one application instance, from its first STORE DATA to its last.
#pragma once

#include "kpd/chip/application.h"
#include "kpd/chip/card_channel.h"

namespace kpd::chip {

/// A secret of this identifier in clear, from under the channel's DEK, without the padding that AES
/// asks for. Nothing when it is no whole number of blocks, or has not the padding that it must
/// have.
std::optional<Secret> open_secret(const Application& application, DgiId id, ByteView blocks,
                                  const CardChannel& channel);

/// Brings the groupings of STORE DATA to an instance (EMV CPS 1.1). Volatile; what an earlier,
/// unfinished attempt loaded is discarded when this begins. The instance outlives it.
///
/// Secret groupings come enciphered under the channel's DEK, the others in clear. Under AES a
/// secret that is no whole number of 16-byte blocks comes padded with 80 00*: the chip takes that
/// padding off where the grouping's content has a length of its own (Application::is_padded); the
/// parts of RSA keys find theirs themselves, and symmetric keys have none.
class Personalisation {
 public:
  Personalisation(Application& application, bool one_dgi_per_command);

  /// One STORE DATA, its data plain. The last block closes the instance's personalisation when
  /// everything needed is there, else it is answered 6A86 and its number is expected again.
  Status store(const Command& command, const CardChannel& channel);

  /// Whether the last block came and was taken.
  bool is_closed() const { return application_.is_personalised(); }

 private:
  Status load(const ReceivedDgi& dgi, const CardChannel& channel);

  Application& application_;
  BlockReader blocks_;
};

}  // namespace kpd::chip

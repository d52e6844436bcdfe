/// Transport keys (TK): what secrets are under between data preparation and personaliser.
#pragma once

#include <memory>

#include "cps/card_file.h"
#include "hsm/token.h"
#include "kpd/plan/plan.h"
#include "kpd/stream/card.pb.h"

namespace kpd {

/// What a transport key is for; card keys, PINs and RSA parts never share one.
enum class TransportUse { card_keys, icc_keys, pin, mac };

/// The use of the key that a card's secret is under.
TransportUse transport_use(SecretUse secret);

/// The use by the name that headers carry ("card-keys", "icc-keys", "pin", "mac").
std::string_view use_name(TransportUse use);

/// Roles of the plan that the transport keys hang on.
inline constexpr std::string_view kKek2ForKeys = "KEK2-KEY";
inline constexpr std::string_view kKek2ForPins = "KEK2-PIN";

/// IDTK of a use, 4 characters, cut or padded with '0' to the layout's length.
Bytes transport_key_id(TransportUse use, const cps::RecordLayout& layout);

/// One batch's transport keys in the preparing token.
struct TransportKeys {
  hsm::Key card_keys, icc_keys, pin;
  std::vector<pb::TransportKey> wrapped;  ///< for the personaliser, as they travel
};

/// Which secrets never leave the device: their transport keys may wrap and nothing else, the others
/// encipher and nothing else.
struct StaysInside {
  bool card_keys = false, pins = false;
};

/// Fresh keys made by the device and wrapped by AES-KW under the KEK2s inside it; or, where the
/// plan says "static", the KEK2s themselves. 3DES keys, but for card keys where the plan says AES.
/// Throws Failure when a KEK2 has the wrong type.
TransportKeys make_transport_keys(const Plan& plan, hsm::Token& token,
                                  const StaysInside& inside = {});

/// The header's form and the stream's form of a wrapped key.
cps::WrappedKey to_file_form(const pb::TransportKey& key);

/// The key that a file's header describes, in the personaliser's token: unwrapped inside the
/// device, its KCV checked. usage: what a fresh one may do; a static one may what it may. Throws
/// Failure(hold) when the KEK or the KCV is another one.
hsm::Key open_transport_key(const cps::WrappedKey& wrapped, hsm::Token& token,
                            const hsm::Usage& usage = {.encrypt = true, .decrypt = true});

}  // namespace kpd

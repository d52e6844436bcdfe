/// What a virtual chip brings from its manufacturer, as a file says it.
#pragma once

#include <filesystem>

#include "hsm/token.h"
#include "kpd/chip/carousel.h"

namespace kpd {

/// A chip's make and where its keys come from.
struct ChipProfile {
  chip::ChipModel model;
  emvcrypto::Bytes kmc_id;  ///< KMCID, 6 bytes
};

/// Reads a file of kind `chip`. Throws ConfigError.
ChipProfile read_chip_profile(const std::filesystem::path& file);

/// Label of the AES master key of chips that speak SCP03.
inline constexpr const char* kAesKmcLabel = "KMC-AES";

/// Labels of the masters of K(IC), which chips have straight from the factory.
inline constexpr const char* kChipLabel = "KIC";
inline constexpr const char* kAesChipLabel = "KIC-AES";

/// Derives chips' KDC in the manufacturer's token, for SCP02 from the master key "KMC" (EMV CPS
/// 1.1), for SCP03 from "KMC-AES", which gives keys of its own length (kpd/keys/aes_derivation.h).
/// Chips straight from the factory get K(IC) instead, by the same rules from "KIC" and "KIC-AES".
/// The clear keys go into the virtual chip: that is what a manufacturer does.
chip::CardKeySource card_keys_from(std::shared_ptr<hsm::Token> manufacturer,
                                   const chip::ChipModel& model);

}  // namespace kpd

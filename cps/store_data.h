/// From an application's DGIs to STORE DATA commands (EMV CPS 1.1, 3.2.7 and 4.3.4): what goes into
/// which command, in which order. Pure: no card, no key.
#pragma once

#include "cps/record.h"

namespace cps {

/// What differs between chip platforms.
struct CardProfile {
  std::size_t max_data = 255;        ///< largest Lc the card takes, 24-255
  bool one_dgi_per_command = false;  ///< the card takes one DGI a command
  /// P1 b5b4: 00 as EMV CPS has it, 08 "DGI format" of GlobalPlatform cards.
  std::uint8_t format_bits = 0x00;
  std::uint8_t key_version = 0x00;  ///< P1 of INITIALIZE UPDATE; 00: the card's own choice
  bool icv_enciphered = true;       ///< SCP02 i = 15 or 55; false: i = 05 or 45
  /// Whether a block that the card refused with 6A88 used up its number (P2).
  bool refused_block_counts = true;
};

/// One STORE DATA command: bytes `offset` to `offset + length` of the encodings of these DGIs, one
/// after the other. Only a DGI too long for one command has parts; it has its commands for itself.
struct StoreDataCommand {
  std::vector<std::size_t> dgis;  ///< indices in Application::dgis
  std::size_t offset = 0;
  std::size_t length = 0;
  std::uint8_t p1 = 0;      ///< b8 last, b7b6 all enciphered (11) or none (00), b5b4 format
  bool enciphered = false;  ///< values travel under SKUDEK
  bool refusable = false;   ///< 6A88 is no failure (VERCNTL); never so for the last DGI
  bool operator==(const StoreDataCommand&) const = default;
};

/// The step that personalises by DGIs: ACT 0F on tag EF. Fault "store-data" when there is none,
/// more than one, or another step that is required.
Expected<const Step*> personalising_step(const Application& application);

/// The transport key entry that names this DGI; nullptr for a clear one.
const TransportKeyUse* transport_key_of(const Application& application, DgiId id);

/// Largest data of a command under a security level, before MAC and padding. block: bytes of the
/// channel's cipher, 8 for SCP02, 16 for SCP03.
std::size_t data_limit(const CardProfile& profile, std::uint8_t security_level,
                       std::size_t block = 8);

/// The commands of the personalising step, in order. DGIs go in the order of the file as far as
/// ORDER and GROUP leave it, as many in one command as fit; clear and enciphered DGIs never share a
/// command and VERCNTL ones are alone. Fault "store-data" when the record contradicts itself or
/// asks for what cannot be done: a secret without transport key or ENC entry, a value of no whole
/// blocks, a group that does not fit, an impossible order, RANDOM, UPDATEcplc, an unknown SECLEV or
/// mode. block: as above; secrets fill whole blocks of the channel.
Expected<std::vector<StoreDataCommand>> plan_store_data(const Application& application,
                                                        const CardProfile& profile,
                                                        std::size_t block = 8);

}  // namespace cps

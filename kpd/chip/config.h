/// What a virtual chip brings from its manufacture; everything else reaches it through APDUs.
#pragma once

#include <cstdint>
#include <functional>
#include <variant>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/secret.h"

namespace kpd::chip {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::MutableBytes;
using emvcrypto::Secret;

/// The card keys KDC that lock a chip until its personalisation: 16 bytes each under SCP02, 16, 24
/// or 32 under SCP03.
struct CardKeys {
  Secret enc;
  Secret mac;
  Secret dek;

  /// A second holder of the same keys, said aloud.
  CardKeys duplicate() const { return {enc.duplicate(), mac.duplicate(), dek.duplicate()}; }
};

/// What an application instance is for.
enum class ApplicationKind {
  directory,  ///< PSE or PPSE: an FCI and directory records
  payment,    ///< an EMV debit or credit application
  files       ///< records, data objects and files to be read: loyalty, identity, purses, telephony
};

/// How a payment application lays out its issuer application data (9F10).
enum class IadLayout {
  cvr4,  ///< 06 | DKI | CVN | CVR(4, of which the first byte is 03) | anything
  cvr5,  ///< 0F | CCI | DKI | CVR(5) | counters(8) | 0F | own data(15): format A (Book 3, C9.2)
  cvr6   ///< KDI | CVN | CVR(6) | DAC(2) | counters(8)
};

/// One application instance that was installed before personalisation.
struct InstanceConfig {
  Bytes aid;  ///< 5-16 bytes
  ApplicationKind kind = ApplicationKind::payment;
  IadLayout iad = IadLayout::cvr4;
  bool gpo_template_77 = false;  ///< GPO answers in format 2 (77) rather than format 1 (80)
  /// Takes A005 (AIP | AFL) as well as 9104, and keeps other groupings A000-BFFF, and the keys of
  /// 8001 and 8400-8401, as data of the product that it does not look into.
  bool product_groupings = false;
};

/// An executable module in ROM, of which INSTALL makes instances.
struct ModuleConfig {
  Bytes load_file;          ///< AID of the executable load file that it is in, 5-16 bytes
  InstanceConfig instance;  ///< what an instance of it is; the AID here is the module's own
};

/// The SCP02 variant, "i" (GlobalPlatform Card Specification 2.3, E.1.1).
enum class Scp02Option : std::uint8_t {
  i05 = 0x05,  ///< chained ICV in clear
  i15 = 0x15,  ///< chained ICV enciphered, random card challenge
  i55 = 0x55   ///< chained ICV enciphered, pseudo-random card challenge
};

/// The SCP03 variant, "i" (GlobalPlatform Card Specification 2.3, Amendment D, 5.1).
enum class Scp03Option : std::uint8_t {
  i00 = 0x00,  ///< random card challenge, answers in clear
  i10 = 0x10,  ///< pseudo-random card challenge, answers in clear
  i20 = 0x20,  ///< random, answers may have a MAC
  i30 = 0x30,  ///< pseudo-random, answers may have a MAC
  i60 = 0x60,  ///< random, answers may have a MAC and be enciphered
  i70 = 0x70   ///< pseudo-random, answers may have a MAC and be enciphered
};

/// The one secure channel protocol of a chip, with its option.
using Scp = std::variant<Scp02Option, Scp03Option>;

/// What all chips of one make have in common: mask, limits, installed instances.
struct ChipModel {
  Bytes atr = {0x3B, 0xE0, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45, 0xEB};  ///< T=1
  std::uint8_t key_version = 1;
  Scp scp = Scp02Option::i15;
  std::uint32_t sequence_counter = 0;  ///< of the first secure channel
  bool counter_per_instance = false;   ///< each instance counts for itself
  std::size_t max_command_data = 255;  ///< Lc beyond it is answered 6700
  bool one_dgi_per_command = false;    ///< STORE DATA with several DGIs is answered 6A80
  /// Straight from the factory: KEYDATA and keys are the maker's own, K(IC), as key version FF,
  /// until the manufacturer's steps have put KEYDATA and KDC in their place. Needs a security
  /// domain.
  bool from_factory = false;
  /// A native card: `instances` are no instances but programs for the DFs with these names.
  bool native = false;
  std::vector<InstanceConfig> instances;
  /// AID of the issuer security domain, 5-16 bytes; empty: the content stays as it was made.
  Bytes card_manager;
  std::vector<ModuleConfig> modules;  ///< for a chip with an issuer security domain
};

/// One chip as it leaves the manufacturer.
struct ChipConfig : ChipModel {
  Bytes key_data;  ///< KEYDATA: KMCID(6) | CSN(4)
  CardKeys keys;   ///< KDC, or K(IC) of a chip straight from the factory
};

/// A source of random bytes.
using Random = std::function<void(MutableBytes)>;

/// The system's generator.
Random system_random();

}  // namespace kpd::chip

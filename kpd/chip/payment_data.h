/// What a payment application keeps (EEPROM) and what it forgets (RAM).
#pragma once

#include <map>
#include <set>

#include "emvcrypto/tlv.h"
#include "kpd/chip/records.h"
#include "kpd/chip/rsa_card_key.h"

namespace kpd::chip {

using emvcrypto::Tag;

/// The reference PIN and its tries.
struct ReferencePin {
  Secret block;  ///< ISO 9564 format 2, 8 bytes; empty: no PIN
  bool has_counters = false;
  std::uint8_t tries = 0;  ///< PTC
  std::uint8_t limit = 0;  ///< PTL
};

/// Survives power cycles; filled by data groupings, changed by transactions and scripts.
struct PaymentData {
  Records records;
  Bytes fci;
  Bytes aip;  ///< 2 bytes
  Bytes afl;
  std::map<Tag, Bytes> objects;  ///< internal data by tag
  std::set<Tag> readable;        ///< those that GET DATA gives
  Bytes issuer_data;             ///< 9F10 as personalised

  Secret ac_key;
  Secret smi_key;
  Secret smc_key;
  bool keys_checked = false;  ///< 9000 agreed with 8000
  Secret dynamic_number_key;
  RsaCardKey icc_key;
  RsaCardKey pin_key;
  ReferencePin pin;

  /// What shows in a field only.
  struct Contactless {
    Bytes fci, aip, afl;
    Bytes issuer_data;  ///< 9F10; empty: no cryptogram with the processing options
    Secret code_key, other_code_key;
    Bytes code_values;  ///< initial values of the codes of track 1 and 2, 2 bytes each
    Secret keys;        ///< 3 * 16 bytes; kept, since GENERATE AC in a field is not simulated
    bool keys_checked = true;
    Secret number_key;
  };
  Contactless contactless;
  std::map<std::uint16_t, Bytes> product;  ///< groupings of the product, kept as they came

  std::uint16_t atc = 0;
  std::uint16_t last_online_atc = 0;
  bool blocked = false;
  bool online_unfinished = false;             ///< the last ARQC saw no second GENERATE AC
  bool go_online = false;                     ///< the issuer asked for it (CSU)
  bool issuer_authentication_failed = false;  ///< in the last online transaction
  bool script_failed = false;                 ///< in the last transaction with scripts
  std::uint8_t scripts = 0;                   ///< how many it had
};

/// Kinds of application cryptogram, as coded in GENERATE AC's P1 and in the CID.
enum class AcType : std::uint8_t { aac = 0x00, tc = 0x40, arqc = 0x80 };

/// One transaction; gone at selection and reset.
struct Transaction {
  enum class Stage {
    selected,   ///< no GET PROCESSING OPTIONS yet
    initiated,  ///< no cryptogram yet
    online,     ///< an ARQC was given
    finished
  };
  enum class IssuerAuthentication { none, passed, failed };

  Stage stage = Stage::selected;
  Bytes pdol_data;
  Bytes cdol1_data;
  std::map<Tag, Bytes> terminal;  ///< what the DOLs brought, the newest of each
  Bytes challenge;                ///< of GET CHALLENGE, for the next command alone
  Bytes dynamic_number;           ///< 8 bytes, one a transaction
  Secret ac_session_key;
  Bytes first_cryptogram;
  AcType first_type = AcType::aac;
  IssuerAuthentication issuer = IssuerAuthentication::none;
  Bytes csu;
  bool pin_tried = false;
  bool pin_enciphered = false;
  bool pin_right = false;
  bool dynamic_signature = false;  ///< INTERNAL AUTHENTICATE gave one
  bool scripts_begun = false;
};

}  // namespace kpd::chip

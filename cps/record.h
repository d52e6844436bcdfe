/// The CPS record: everything one chip needs (EMV CPS 1.1, 2.3-2.6).
#pragma once

#include <string>
#include <vector>

#include "cps/dgi.h"

namespace cps {

/// How a DGI is enciphered under a transport key (CMODE, EMV CPS 1.1, 2.6).
enum class Cmode : std::uint8_t {
  cbc = 0x10,  ///< with the initial value that the file's header declares
  ecb = 0x11
};

/// Which DGIs are enciphered under one transport key, and how (3a.1, TKDATA).
struct TransportKeyUse {
  Bytes key_id;           ///< IDTK
  std::uint8_t type = 0;  ///< TYPETK
  std::uint8_t mode = 0;  ///< CMODE as it stands, see Cmode
  std::vector<DgiId> dgis;
  bool operator==(const TransportKeyUse&) const = default;
};

/// How a secret DGI is enciphered on the way into the card (PDI, ENC).
struct EncipheredDgi {
  DgiId id = 0;
  std::uint8_t type = 0;  ///< 11: 3DES-ECB under SKUDEK
  bool operator==(const EncipheredDgi&) const = default;
};

/// Personalisation device instructions (PDI) of a step.
struct DeviceInstructions {
  std::vector<std::vector<DgiId>> order;   ///< each statement: these DGIs in this order
  std::vector<DgiId> version_control;      ///< VERCNTL: the card may refuse them with 6A88
  std::vector<EncipheredDgi> enciphered;   ///< ENC
  Bytes random;                            ///< RANDOM, as it stands
  std::vector<std::vector<DgiId>> groups;  ///< GROUP: sent together in one STORE DATA
  std::uint8_t security_level = 0;         ///< SECLEV 00, 01, 03
  std::uint8_t update_cplc = 0;
  bool operator==(const DeviceInstructions&) const = default;
};

/// One processing step (3a.2).
struct Step {
  std::uint8_t action = 0x0F;  ///< ACT: 0F personalise by DGIs
  std::uint8_t required = 1;   ///< REQ
  std::uint8_t tag = 0xEF;     ///< TAG of the data object in 3c
  DeviceInstructions instructions;
  Bytes pointer;
  bool operator==(const Step&) const = default;
};

/// Section 3: one application.
struct Application {
  Bytes aid;
  std::vector<TransportKeyUse> transport_keys;
  Bytes owner;  ///< IDOWNER
  std::vector<Step> steps;
  Bytes log_data;
  std::vector<Dgi> dgis;  ///< content of tag EF, in file order
  Bytes mac_key;          ///< MACkey enciphered under the MAC key encryption key; empty: no MAC
  Bytes mac;              ///< MACINP
  bool operator==(const Application&) const = default;
};

/// Sections 2 and 3.
struct Record {
  std::string layout_version = "02.1";  ///< VNL, 4 characters
  Bytes reference;                      ///< CRN
  std::string status = "00";            ///< STATUScoll
  std::vector<Bytes> product_ids;       ///< PIDs
  std::vector<Application> applications;
  bool operator==(const Record&) const = default;
};

/// What a record's MAC covers, apart from the key that it is made with.
enum class MacCoverage {
  record,      ///< fields 2.4-2.8 and every section 3 up to this one's 3d: ties sections together
  section,     ///< this section 3, from 3a.1's length up to before 3d
  data_object  ///< the data object in 3c: tag EF, its length, the DGIs
};

/// How the length of data object EF is written.
enum class ObjectLength {
  shortest,  ///< 1 byte to 127, 81 xx to 255, 82 xx xx beyond (BER as EMV has it)
  long_form  ///< always 82 xx xx
};

/// Lengths and sub-formats that differ between devices, since CPS leaves them open or our sources
/// do.
struct RecordLayout {
  std::size_t key_id_length = 4;      ///< IDTK, 1-16
  std::size_t product_id_length = 0;  ///< of each PID; 0: a byte with its length stands before it
  MacCoverage mac_coverage = MacCoverage::record;
  ObjectLength object_length = ObjectLength::shortest;
  bool operator==(const RecordLayout&) const = default;
};

/// The bytes of sections 2 and 3. Throws std::length_error when a part outgrows its length field,
/// std::invalid_argument when a field cannot be written at all (an AID of 4 bytes, an IDTK of
/// another length than the layout's, a MAC without its key).
Bytes encode_record(const Record& record, const RecordLayout& layout);

/// The reverse: accepts exactly what encode_record gives, so that encoding the result gives `bytes`
/// again. Fault "cps-record" says where the bytes stop making sense.
Expected<Record> parse_record(ByteView bytes, const RecordLayout& layout);

/// What the MAC of application `index` covers. MacCoverage::record: fields 2.4-2.8 (CRN, status,
/// product ids, AIDs), then sections 3 from the first to this one, each from its length field; of
/// this one up to before 3d. The last MAC therefore covers the whole record. The length field of
/// this section counts 3d as it will be: mac_key must be set already (std::invalid_argument
/// otherwise), mac need not be. The other coverages look at this section alone. Throws as
/// encode_record too; std::out_of_range when there is no such application.
Bytes mac_input(const Record& record, std::size_t index, const RecordLayout& layout);

}  // namespace cps

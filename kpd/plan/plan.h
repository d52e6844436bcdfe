/// The plan: a job with its templates, certificates and keys (by KCV), compiled once into typed,
/// immutable data. Stages work on it alone; everything that speaks of a job speaks of its digest.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cps/card_file.h"
#include "cps/record.h"
#include "emvcrypto/afl.h"
#include "emvcrypto/certificates.h"
#include "emvcrypto/cryptogram.h"
#include "emvcrypto/dates.h"
#include "emvcrypto/derivation.h"
#include "emvcrypto/tlv.h"
#include "kpd/plan/text_template.h"

namespace kpd {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Tag;

// --- intake --------------------------------------------------------------------------------------

/// What an input field may hold.
enum class FieldType {
  n,
  an,
  ans,
  hex,
  pan,  ///< digits with a right check digit
  date_yymmdd,
  expiry_yymm,
  service_code,  ///< ISO/IEC 7813: first digit 1 2 5 6 7 9, second 0 2 4, third 0-7
  country,       ///< ISO 3166 numeric, 3 digits
  currency,      ///< ISO 4217 numeric, 3 digits
  language,      ///< ISO 639: two small letters
  name,          ///< characters of track 1, at most `max_length`
  pin_block,     ///< 16 hexadecimal digits, enciphered
  product        ///< a name of the job's products
};

struct FieldPlan {
  std::string name;
  FieldType type = FieldType::ans;
  std::size_t min_length = 0;
  std::size_t max_length = 0;
  bool required = true;
};

/// One CSV file.
struct CsvPlan {
  std::string file;
  char delimiter = ';';
};

/// A second source, joined on a key.
struct JoinPlan {
  std::string name;
  CsvPlan csv;
  std::string key_column;       ///< in the joined file
  FieldId on = 0;               ///< field of the card record
  std::vector<FieldId> fields;  ///< where its columns go in Plan::fields
  bool reject_missing = true;   ///< else its fields stay empty
};

struct IntakePlan {
  CsvPlan cards;
  std::size_t card_fields = 0;  ///< the first so many of Plan::fields come from `cards`
  std::vector<JoinPlan> joins;
};

/// Fields that stages must know by meaning.
struct FieldRoles {
  FieldId record_id = 0, product = 0, pan = 0, psn = 0, expiry = 0;
  std::optional<FieldId> effective, name, service_code, pin_block;
};

// --- keys ----------------------------------------------------------------------------------------

/// A key of the job by its role: where it is and which one it must be.
struct KeyPlan {
  std::string role;  ///< "KEK1", "IMK-AC"
  std::string uri;   ///< pkcs11: URI or label in the party's token
  Bytes kcv;
};

/// How an issuer signs: its key in the HSM, its certificate and the CA key above.
struct IssuerPlan {
  std::string name;
  std::string key_uri;
  emvcrypto::RsaPublicKey key;
  Bytes certificate, remainder;  ///< tags 90 and 92
  Bytes issuer_id;
  emvcrypto::Date last_day;  ///< of the certificate's validity
  Bytes rid;
  std::uint8_t ca_index = 0;
  emvcrypto::RsaPublicKey ca;
  std::uint32_t serial_base = 0;  ///< first certificate serial; see certificate_serial()
};

/// Host windows that a job allows: clear secrets in host memory for a moment.
struct WindowPolicy {
  bool card_keys = false, pins = false, icc_keys = false, record_mac = false;
};

// --- cards ---------------------------------------------------------------------------------------

/// How a text becomes the bytes of a data object.
enum class Conversion {
  text,               ///< ASCII
  hex,                ///< hexadecimal digits
  n,                  ///< numeric, left-padded with 0 to `width`
  cn,                 ///< compressed numeric, right-padded with F to `width` (0: to a whole byte)
  date_end,           ///< YYMM as YYMMDD, the last day of the month
  currency_exponent,  ///< ISO 4217 code as the places of its minor unit, one byte (9F44)
  track2  ///< discretionary data of tag 57; PAN, expiry and service code come from the roles
};

/// What only signing can tell.
enum class Signed { none, ssad, icc_certificate, icc_remainder, pin_certificate, pin_remainder };

/// One data object of an application: where its value comes from.
struct ElementPlan {
  Tag tag = 0;
  bool constant = false;
  Bytes value;        ///< constant
  TextTemplate text;  ///< else, with `conversion`
  Conversion conversion = Conversion::text;
  std::size_t width = 0;
  Signed made_by_signing = Signed::none;
};

/// A place in a data structure: an element, or a template around others.
struct TlvPlan {
  Tag tag = 0;
  std::optional<std::size_t> element;  ///< index in ApplicationPlan::elements
  std::vector<TlvPlan> children;
};

struct RecordPlan {
  std::uint8_t sfi = 0, number = 0;
  bool is_signed = false;
  std::vector<TlvPlan> content;  ///< inside template 70
};

/// One symmetric key of the card.
struct CardKeyPlan {
  std::string name;        ///< "AC", "SMI", "SMC", "IDN"
  std::size_t master = 0;  ///< index in Plan::keys
};

/// An RSA pair of the card.
struct RsaPairPlan {
  std::size_t bits = 0;
  unsigned exponent = 3;
};

enum class RsaPart { qinv, dq, dp, q, p };        ///< order of DGI 8201-8205
enum class PadRule { never, if_needed, always };  ///< 80 00.. to whole blocks

/// One DGI, in the order of the file.
struct DgiPlan {
  enum class Kind { record, tlvs, constant, keys, kcvs, pin, icc_part, pin_key_part };
  cps::DgiId id = 0;
  Kind kind = Kind::constant;
  std::size_t record = 0;         ///< index in ApplicationPlan::records
  std::vector<TlvPlan> content;   ///< tlvs
  Bytes value;                    ///< constant
  std::vector<std::size_t> keys;  ///< keys, kcvs: indices in ApplicationPlan::keys
  RsaPart part = RsaPart::qinv;
  PadRule pad = PadRule::if_needed;
  bool secret() const {
    return kind == Kind::keys || kind == Kind::pin || kind == Kind::icc_part ||
           kind == Kind::pin_key_part;
  }
};

struct PinPlan {
  int format = 2;  ///< ISO 9564-1, as the application takes it in DGI 8010
};

/// One application of a card.
struct ApplicationPlan {
  std::string template_name;
  Bytes aid;
  std::string label;
  Bytes owner;  ///< IDOWNER
  emvcrypto::UdkOption udk_option = emvcrypto::UdkOption::a;
  const emvcrypto::CryptogramVersion* cryptogram = nullptr;
  std::optional<std::size_t> issuer;  ///< index in Plan::issuers; none: nothing is signed
  bool sda = false;
  std::optional<RsaPairPlan> icc_key, pin_key;
  std::optional<PinPlan> pin;
  Bytes data_authentication_code;  ///< 2 bytes, SDA
  std::vector<ElementPlan> elements;
  std::vector<RecordPlan> records;
  std::vector<CardKeyPlan> keys;
  std::vector<DgiPlan> dgis;
  cps::DeviceInstructions instructions;
  /// True for applications that pay: they have keys and belong into the register of issued cards.
  bool payment() const { return !keys.empty(); }
};

/// A computed field: a card verification value.
struct ValuePlan {
  std::string name;
  std::size_t key = 0, key_left = 0;  ///< CVK A|B and A|A, indices in Plan::keys
  TextTemplate pan, expiry, service_code;
};

/// Fields for one of the machine's other modules.
struct ModulePlan {
  enum class Kind { text, track1, track2 };
  std::string mic;
  Kind kind = Kind::text;
  TextTemplate text;  ///< the text, or the discretionary data
};

/// Everything about one product.
struct CardPlan {
  std::string product;
  std::vector<ValuePlan> values;  ///< fields after Plan::fields, in this order
  std::vector<ModulePlan> modules;
  std::vector<ApplicationPlan> applications;  ///< personalisation order
};

// --- the whole -----------------------------------------------------------------------------------

struct OutputPlan {
  std::string file;
  std::string chip_mic = "$CHP";
  std::string layout_version = "02.1";
  std::string status = "00";
  cps::RecordLayout layout;
  std::uint8_t key_type = 0x20;  ///< TYPETK
  bool fresh_transport_keys = true;
  bool record_mac = true;
};

struct Plan {
  std::string job;
  emvcrypto::Date date;
  bool test = false;
  std::string digest;  ///< SHA-256 of the canonical job, 64 hex digits
  std::vector<FieldPlan> fields;
  IntakePlan intake;
  FieldRoles roles;
  int pin_format = 0;  ///< of the back office's PIN blocks
  std::vector<KeyPlan> keys;
  std::vector<IssuerPlan> issuers;
  std::vector<CardPlan> cards;
  std::map<std::string, std::size_t, std::less<>> products;  ///< name to index in `cards`
  WindowPolicy windows;
  OutputPlan output;
  bool reject_limit_reached(std::uint64_t rejects) const {
    return max_rejects && rejects > max_rejects;
  }
  std::uint64_t max_rejects = 0;  ///< 0: no limit

  /// Index of a key role; throws Failure when the plan has none.
  std::size_t key(std::string_view role) const;
};

/// Whether a card's key outgrows its certificate, so that it has a remainder: tag 9F48 or 9F2F (EMV
/// 4.4 Book 2, Table 13).
bool has_remainder(const RsaPairPlan& pair, const IssuerPlan& issuer);

/// The 3-byte serial of certificate `which` (0 ICC, 1 PIN encipherment) of the card at this
/// ordinal: base + 2 * ordinal + which. Unique per issuer key as long as job bases are at least
/// twice the record count apart; nothing once it outgrows 3 bytes.
std::optional<Bytes> certificate_serial(const IssuerPlan& issuer, std::uint64_t ordinal, int which);

/// Who a card is, for people and machines: CRN = plan digest (8 bytes) | ordinal (6) | generation
/// (2). Computed, never counted.
Bytes card_reference(const Plan& plan, std::uint64_t ordinal, std::uint16_t generation);

}  // namespace kpd

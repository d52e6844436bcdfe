/// One application of a card: data elements, records, keys, DGIs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cps/record.h"
#include "emvcrypto/cryptogram.h"
#include "emvcrypto/derivation.h"
#include "emvcrypto/tlv.h"
#include "kpd/config/mistake.h"
#include "kpd/plan/icc_key_plan.h"
#include "kpd/plan/key_plan.h"
#include "kpd/plan/secret_plan.h"
#include "kpd/plan/text_template.h"

namespace kpd {

using emvcrypto::Tag;

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

/// Where a part of a plan was written: for people and messages.
struct Origin {
  FilePlace place;
  std::string text;  ///< with what it replaces and where a parameter in it came from
};

/// One data object of an application: where its value comes from.
struct ElementPlan {
  Tag tag = 0;
  bool constant = false;
  Bytes value;        ///< constant
  TextTemplate text;  ///< else, with `conversion`
  Conversion conversion = Conversion::text;
  std::size_t width = 0;
  Signed made_by_signing = Signed::none;
  Origin origin = {};
  bool only_here = false;  ///< written in one place; another value may stand under the same tag
  std::optional<Ivcvc3Plan> ivcvc3 = {};  ///< made of another element once the card has its keys
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
  bool in_afl = true;            ///< the computed AFL names it
  std::vector<TlvPlan> content;  ///< inside template 70
  /// The DGI that holds it (EMV CPS 1.1, 3.2).
  cps::DgiId dgi() const { return static_cast<cps::DgiId>(sfi << 8 | number); }
  Origin origin = {};
};

/// One symmetric key of the card.
struct CardKeyPlan {
  std::string name;        ///< "AC", "SMI", "SMC", "IDN", "CVC3"
  std::size_t master = 0;  ///< index in Plan::keys, where `derived`
  Origin origin = {};
  bool derived = true;  ///< from `master`, unless the record gives the key
  std::optional<GivenKeyPlan> given = {};
};

enum class RsaPart { qinv, dq, dp, q, p };        ///< order of DGI 8201-8205
enum class PadRule { never, if_needed, always };  ///< 80 00.. to whole blocks

/// One DGI, in the order of the file.
struct DgiPlan {
  enum class Kind {
    record,
    tlvs,
    raw,  ///< the values of `content` one after the other, without tags
    constant,
    keys,
    kcvs,
    pin,
    icc_part,
    pin_key_part,
    given,        ///< `given.text` as the record has it, in clear
    given_secret  ///< `given`, enciphered anew under the transport key of `given_use`
  };
  cps::DgiId id = 0;
  Kind kind = Kind::constant;
  std::size_t record = 0;         ///< index in ApplicationPlan::records
  std::vector<TlvPlan> content;   ///< tlvs, raw
  Bytes value;                    ///< constant
  std::vector<std::size_t> keys;  ///< keys, kcvs: indices in ApplicationPlan::keys
  RsaPart part = RsaPart::qinv;
  PadRule pad = PadRule::if_needed;
  std::optional<cps::Cmode> cmode = {};  ///< of a secret; unless said, as the output has it
  Origin origin = {};
  GivenSecret given = {};
  SecretUse given_use = SecretUse::card_keys;
  bool given_padded = false;  ///< what comes ends with a padding of its own, 80 00..
  /// What the DGI holds, where that is secret.
  std::optional<SecretUse> use() const;
  bool secret() const { return use().has_value(); }
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
  std::optional<TextTemplate> given_dgis;  ///< clear DGIs that replace or follow those of `dgis`
  /// The DGI of this id; null when there is none.
  const DgiPlan* find_dgi(cps::DgiId id) const;
  /// True for applications that pay: they have keys and belong into the register of issued cards.
  bool payment() const { return !keys.empty(); }
};

/// Whether a card's key outgrows its certificate, so that it has a remainder: tag 9F48 or 9F2F (EMV
/// 4.4 Book 2, Table 13).
bool has_remainder(const RsaPairPlan& pair, const IssuerPlan& issuer);

}  // namespace kpd

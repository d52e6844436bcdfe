/// What comes from the back office: sources, fields and their meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emvcrypto/fault.h"
#include "kpd/plan/text_template.h"
#include "kpd/source/source_plan.h"

namespace kpd {

/// What an input field may hold, and what stays of it. Lengths count characters.
enum class FieldType {
  n,
  an,
  ans,           ///< anything but control characters
  b,             ///< bytes as hexadecimal digits
  pan,           ///< digits with a right check digit
  date,          ///< a day in `format`; stays as YYMMDD, or YYYYMMDD with `keep_century`
  expiry,        ///< a month in `format`; stays as YYMM
  service_code,  ///< ISO/IEC 7813: first digit 1 2 5 6 7 9, second 0 2 4, third 0-7
  country,       ///< ISO 3166-1: numeric, alpha-2 or alpha-3; stays as 3 digits
  currency,      ///< ISO 4217: numeric or alphabetic; stays as 3 digits
  language,      ///< ISO 639-1: two small letters
  name,          ///< characters of track 1
  emboss,        ///< characters of the embosser: `characters`
  amount,        ///< "50.00" or "50,00"; stays as a whole number of minor units
  pin_block,     ///< hexadecimal digits, enciphered
  product,       ///< a name of the job's products
  choice,        ///< one of `choices`
  file           ///< names a file of `folder`; stays as its bytes, hexadecimal
};

/// A column of the source in hand, where a text may name it: kFirstInput + its place among the
/// source's inputs. Fields of Plan::fields have smaller ids.
constexpr FieldId kFirstInput = 0x10000;

/// An order that a date must keep.
struct DateOrder {
  bool not_before = true;        ///< else: not after
  std::optional<FieldId> other;  ///< an earlier date; absent: the job's date
};

struct FieldPlan {
  std::string name;
  FieldType type = FieldType::ans;
  std::size_t min_length = 0;  ///< of what comes in: characters; file: of its content, bytes
  std::size_t max_length = 0;
  bool required = true;

  // Where the text comes from: `from`, or else the column `input`; when that is empty, the default.
  std::optional<std::size_t> input = {};  ///< index among the source's inputs
  std::optional<TextTemplate> from = {};  ///< over columns and earlier fields
  std::string default_text = {};

  // What is changed before the type is checked, in this order.
  bool transliterate = false;  ///< ICAO Doc 9303, capitals
  bool upper = false;          ///< a-z as capitals

  std::string format = {};                ///< date, expiry: "DD.MM.YYYY"
  bool keep_century = false;              ///< date: stays as YYYYMMDD
  std::vector<DateOrder> order = {};      ///< date, expiry
  bool chip = false;                      ///< service_code: first digit 2 or 6
  std::string characters = {};            ///< emboss: what may stand there
  std::vector<std::string> choices = {};  ///< choice
  std::size_t decimals = 2;               ///< amount: of the minor unit
  std::optional<FieldId> currency = {};   ///< amount: an earlier field whose minor unit counts
  std::string folder = {};                ///< file
  bool file_may_be_missing = false;       ///< file: stays empty then
};

/// A second source, joined on a key.
struct JoinPlan {
  enum class Missing {
    reject,
    empty,    ///< its fields stay empty
    defaults  ///< its fields are made as from empty columns: `from`, defaults and checks count
  };

  std::string name;
  SourcePlan source;
  std::vector<std::string> inputs;  ///< columns that its key and fields want

  // Its row is the partner of a card when these are the same text.
  std::size_t key_input = 0;             ///< a column
  std::optional<TextTemplate> key_text;  ///< or a text over columns
  FieldId on_field = 0;                  ///< an earlier field
  std::optional<TextTemplate> on_text;   ///< or a text over earlier fields

  FieldId first_field = 0;  ///< in Plan::fields
  std::size_t fields = 0;   ///< so many, one after the other
  Missing missing = Missing::reject;
  /// A row that cannot be read ends the run: it may be the partner of a card, which would else be
  /// made without it.
  bool unreadable_stops = false;
};

/// What several fields must agree on.
struct RecordCheck {
  Expression that;    ///< gives "1" when all is well
  std::string field;  ///< that a fault names; may be empty
  emvcrypto::Fault fault;
};

struct IntakePlan {
  SourcePlan cards;
  std::vector<std::string> inputs;  ///< columns of `cards` that fields want
  std::size_t card_fields = 0;      ///< the first so many of Plan::fields come from `cards`
  std::vector<JoinPlan> joins;
  std::vector<RecordCheck> checks;
};

/// Fields that stages must know by meaning.
struct FieldRoles {
  FieldId record_id = 0, product = 0, pan = 0, psn = 0, expiry = 0;
  std::optional<FieldId> effective, name, service_code, pin_block;
};

}  // namespace kpd

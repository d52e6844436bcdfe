/// What comes from the back office: sources, fields and their meaning.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kpd/plan/text_template.h"

namespace kpd {

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

}  // namespace kpd

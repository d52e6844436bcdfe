/// Layouts of a header as JSON; internal to this folder. Reading throws Refusal.
#pragma once

#include "cps/card_file.h"
#include "cps/json_fields.h"

namespace cps {

Json to_json(const TaggedLayout& tagged, const RecordLayout& layout);
TaggedLayout tagged_from_json(const Json& json, const RecordLayout& layout);

Json to_json(const LineLayout& lines);
LineLayout lines_from_json(const Json& json);

}  // namespace cps

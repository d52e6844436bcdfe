/// Layouts of a header as JSON, written or read; internal to this folder. Reading throws Refusal.
#pragma once

#include "cps/card_file.h"
#include "cps/json_fields.h"

namespace cps {

/// records: how the frames of cards are written.
void describe(FieldWriter& fields, const TaggedLayout& tagged, const RecordLayout& records);
void describe(FieldReader& fields, TaggedLayout& tagged, const RecordLayout& records);

void describe(FieldWriter& fields, const LineLayout& lines);
void describe(FieldReader& fields, LineLayout& lines);

}  // namespace cps

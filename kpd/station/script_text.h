/// What scripts say, for people's eyes.
#pragma once

#include <string>

#include "cps/record.h"

namespace kpd {

/// A script's text without what identifies the holder of the record's card.
std::string masked_script_text(const cps::Record& record, const std::string& text);

}  // namespace kpd

/// The files that a prepared application creates, by its file control parameters.
#pragma once

#include <map>
#include <optional>

#include "cps/record.h"

namespace kpd::tester {

/// One file as it was prepared.
struct PlainFile {
  std::size_t record_length = 0;  ///< 0: transparent
  bool has_size = false;          ///< may hold more than was prepared
};

/// By identifier. Nothing when malformed (ISO/IEC 7816-4, 5.3.3: templates 62 with 82 and 83).
std::optional<std::map<cps::DgiId, PlainFile>> parse_file_control(emvcrypto::ByteView templates);

}  // namespace kpd::tester

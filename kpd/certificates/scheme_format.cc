#include "kpd/certificates/scheme_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

/// Year as a letter (A: 2000) and MMDD.
std::string day_code(const emvcrypto::Date& day) {
  return static_cast<char>('A' + (day.year - 2000) % 26) + day.yymmdd().substr(2);
}

std::string part_of_name(std::string_view word, const NameParts& parts) {
  const std::string index = emvcrypto::to_hex(parts.key_index);
  const std::string tracking = emvcrypto::to_hex(parts.tracking);
  if (word == "iin") {
    const std::string id = emvcrypto::to_hex(parts.issuer_id);
    return id.substr(0, std::min(id.find('F'), id.size()));
  }
  if (word == "index") return index;
  if (word == "index2") return index.substr(4);
  if (word == "tracking") return tracking;
  if (word == "tracking5") return tracking.substr(1);
  if (word == "day") return day_code(parts.day);
  if (word == "rid") return emvcrypto::to_hex(parts.rid);
  return emvcrypto::to_hex(Bytes{parts.ca_index});
}

}  // namespace

const SchemeFormat& find_format(std::string_view name) {
  std::string names;
  for (const SchemeFormat& format : scheme_formats()) {
    if (format.name == name) return format;
    names += (names.empty() ? "" : ", ") + std::string(format.name);
  }
  throw Failure(ExitCode::usage,
                fmt::format("no format is called '{}', there are: {}", name, names));
}

const SchemeFormat* format_of_rid(ByteView rid) {
  const std::string text = emvcrypto::to_hex(rid);
  for (const SchemeFormat& format : scheme_formats())
    if (format.rid == text) return &format;
  return nullptr;
}

const SchemeFormat* format_of_service(ByteView service_id) {
  const std::string text = emvcrypto::to_hex(service_id);
  for (const SchemeFormat& format : scheme_formats())
    if (format.family == FileFamily::tracked && format.service_id == text) return &format;
  return nullptr;
}

std::string file_name(std::string_view pattern, const NameParts& parts) {
  std::string name;
  while (!pattern.empty()) {
    const std::size_t open = std::min(pattern.find('{'), pattern.size());
    name += pattern.substr(0, open);
    pattern.remove_prefix(open);
    if (pattern.empty()) break;
    const std::size_t close = pattern.find('}');
    name += part_of_name(pattern.substr(1, close - 1), parts);
    pattern.remove_prefix(close + 1);
  }
  return name;
}

}  // namespace kpd

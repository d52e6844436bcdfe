#include "kpd/tester/plain_files.h"

#include "emvcrypto/tlv.h"

namespace kpd::tester {
namespace {

constexpr emvcrypto::Tag kTemplate = 0x62, kSize = 0x80, kDescriptor = 0x82, kIdentifier = 0x83;

}  // namespace

std::optional<std::map<cps::DgiId, PlainFile>> parse_file_control(emvcrypto::ByteView templates) {
  const auto list = emvcrypto::parse_tlv_list(templates);
  if (!list) return std::nullopt;
  std::map<cps::DgiId, PlainFile> files;
  for (const auto& object : *list) {
    const auto descriptor = emvcrypto::find_tlv(object.value, kDescriptor);
    const auto id = emvcrypto::find_tlv(object.value, kIdentifier);
    if (object.tag != kTemplate || !descriptor || !id || id->size() != 2) return std::nullopt;
    PlainFile file;
    if (descriptor->size() >= 4)
      file.record_length = emvcrypto::to_number(descriptor->subspan(2, 2));
    file.has_size = emvcrypto::find_tlv(object.value, kSize).has_value();
    files.emplace(static_cast<cps::DgiId>(emvcrypto::to_number(*id)), file);
  }
  return files;
}

}  // namespace kpd::tester

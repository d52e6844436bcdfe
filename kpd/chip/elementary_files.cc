#include "kpd/chip/elementary_files.h"

#include <algorithm>

#include "emvcrypto/tlv.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kTransparent = 0x01;
constexpr std::uint8_t kLinearFixed = 0x02;
constexpr std::size_t kMostRead = 256;
constexpr std::size_t kLargestFile = 0x7FFF;  // what an offset of 15 bits reaches
constexpr std::size_t kLongestRecord = 254;
constexpr int kLastSfi = 30;

/// The length of a record by a file descriptor (82); nothing when it is none that is known.
std::optional<std::size_t> record_length(ByteView descriptor) {
  if (descriptor.size() == 1 && descriptor[0] == kTransparent) return 0;
  if ((descriptor.size() != 4 && descriptor.size() != 5) || descriptor[0] != kLinearFixed)
    return std::nullopt;
  const std::size_t length = emvcrypto::to_number(descriptor.subspan(2, 2));
  if (length == 0 || length > kLongestRecord) return std::nullopt;
  return length;
}

}  // namespace

Status ElementaryFiles::create(ByteView templates) {
  const auto list = emvcrypto::parse_tlv_list(templates);
  if (!list || list->empty()) return sw::wrong_data;
  for (const auto& object : *list) {
    if (object.tag != 0x62) return sw::wrong_data;
    if (const Status status = create_one(object.whole, object.value); status != sw::ok)
      return status;
  }
  return sw::ok;
}

Status ElementaryFiles::create_one(ByteView whole, ByteView inside) {
  if (!emvcrypto::parse_tlv_list(inside)) return sw::wrong_data;
  ElementaryFile file;
  file.control.assign(whole.begin(), whole.end());
  const auto id = emvcrypto::find_tlv(inside, 0x83);
  const auto descriptor = emvcrypto::find_tlv(inside, 0x82);
  if (!id || id->size() != 2 || !descriptor) return sw::wrong_data;
  const auto length = record_length(*descriptor);
  if (!length) return sw::wrong_data;
  file.record_length = *length;
  if (const auto size = emvcrypto::find_tlv(inside, 0x80)) {
    if (size->size() > 2) return sw::wrong_data;
    file.size = emvcrypto::to_number(*size);
    if (file.size == 0 || file.size > kLargestFile ||
        (file.record_length > 0 && file.size % file.record_length != 0))
      return sw::wrong_data;
    file.content.assign(file.size, 0xFF);
  }
  if (const auto sfi = emvcrypto::find_tlv(inside, 0x88)) {
    if (sfi->size() != 1 || (sfi->front() & 7) != 0) return sw::wrong_data;
    file.sfi = sfi->front() >> 3;
    if (file.sfi == 0 || file.sfi > kLastSfi || find_by_sfi(file.sfi) != nullptr)
      return sw::wrong_data;
  }
  const auto number = static_cast<std::uint16_t>(emvcrypto::to_number(*id));
  return files_.emplace(number, std::move(file)).second ? sw::ok : sw::wrong_data;
}

Status ElementaryFiles::fill(std::uint16_t id, ByteView content) {
  ElementaryFile& file = files_.at(id);
  const std::size_t most = file.size > 0 ? file.size : kLargestFile;
  if (content.empty() || content.size() > most ||
      (file.record_length > 0 && content.size() % file.record_length != 0))
    return sw::wrong_data;
  file.content.assign(content.begin(), content.end());
  if (file.size > 0) file.content.resize(file.size, 0xFF);
  return sw::ok;
}

bool ElementaryFiles::is_complete() const {
  return std::none_of(files_.begin(), files_.end(),
                      [](const auto& entry) { return entry.second.content.empty(); });
}

const ElementaryFile* ElementaryFiles::find(std::uint16_t id) const {
  const auto found = files_.find(id);
  return found == files_.end() ? nullptr : &found->second;
}

const ElementaryFile* ElementaryFiles::find_by_sfi(std::uint8_t sfi) const {
  for (const auto& [id, file] : files_)
    if (file.sfi == sfi) return &file;
  return nullptr;
}

Answer read_binary(const ElementaryFile& file, std::size_t offset, std::size_t le) {
  if (file.record_length > 0) return sw::wrong_file_kind;
  if (offset >= file.content.size()) return sw::wrong_offset;
  const std::size_t rest = file.content.size() - offset;
  const std::size_t wanted = le == 0 ? kMostRead : le;
  const auto begin = file.content.begin() + static_cast<std::ptrdiff_t>(offset);
  const auto count = static_cast<std::ptrdiff_t>(std::min(rest, wanted));
  const bool cut = wanted < kMostRead && wanted > rest;
  return Answer(Bytes(begin, begin + count), cut ? sw::end_of_file : sw::ok);
}

Answer read_file_record(const ElementaryFile& file, std::uint8_t number) {
  if (file.record_length == 0) return sw::wrong_file_kind;
  const std::size_t at = (std::size_t{number} - 1) * file.record_length;
  if (number == 0 || at >= file.content.size()) return sw::record_not_found;
  const auto begin = file.content.begin() + static_cast<std::ptrdiff_t>(at);
  return Answer(Bytes(begin, begin + static_cast<std::ptrdiff_t>(file.record_length)));
}

}  // namespace kpd::chip

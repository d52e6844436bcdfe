#include "kpd/chip/file_application.h"

#include "kpd/chip/des.h"

namespace kpd::chip {
namespace {

constexpr DgiId kCreateFiles = 0x0062;
constexpr DgiId kObjects = 0x3000, kMoreObjects = 0x3001;
constexpr DgiId kKeys = 0x8000, kCheckValues = 0x9000;
constexpr DgiId kFci = 0x9102;
constexpr std::size_t kKeyLength = 16;
constexpr std::uint8_t kLastSfi = 30;
constexpr std::uint8_t kShortIdentifier = 0x80;  // P1 of READ BINARY
constexpr std::uint8_t kWithoutAnswer = 0x0C;    // P2 of SELECT

}  // namespace

void FileApplication::erase() {
  data_ = {};
}

/// A created file takes its grouping before records do, so that any identifier can be used.
DgiKind FileApplication::kind_of(DgiId id) const {
  switch (id) {
    case kKeys:
      return DgiKind::secret;
    case kCreateFiles:
    case kObjects:
    case kMoreObjects:
    case kCheckValues:
    case kFci:
    case kCompletionDgi:
      return DgiKind::clear;
    default:
      return data_.files.has(id) || Records::names_record(id) ? DgiKind::clear : DgiKind::unknown;
  }
}

Status FileApplication::load(DgiId id, ByteView value) {
  switch (id) {
    case kCompletionDgi:
      return sw::ok;
    case kCreateFiles:
      return data_.files.create(value);
    case kObjects:
    case kMoreObjects:
      return load_objects(value);
    case kKeys:
      return load_keys(value);
    case kCheckValues:
      return load_check_values(value);
    case kFci:
      if (!is_fci_template(value)) return sw::wrong_data;
      data_.fci.assign(value.begin(), value.end());
      return sw::ok;
    default:
      break;
  }
  if (data_.files.has(id)) return data_.files.fill(id, value);
  return Records::names_record(id) ? data_.records.load(id, value) : sw::data_not_found;
}

Status FileApplication::load_objects(ByteView value) {
  const auto objects = emvcrypto::parse_tlv_list(value);
  if (!objects || objects->empty()) return sw::wrong_data;
  for (const auto& object : *objects)
    data_.objects[object.tag] = Bytes(object.value.begin(), object.value.end());
  return sw::ok;
}

Status FileApplication::load_keys(ByteView value) {
  if (value.empty() || value.size() % kKeyLength != 0) return sw::wrong_data;
  data_.keys = Secret(value);
  data_.keys_checked = false;
  return sw::ok;
}

Status FileApplication::load_check_values(ByteView value) {
  if (data_.keys.empty()) return sw::wrong_data;
  Bytes expected;
  for (ByteView rest = data_.keys.expose(); !rest.empty(); rest = rest.subspan(kKeyLength))
    emvcrypto::append(expected, check_value(Secret(rest.first(kKeyLength))));
  data_.keys_checked = same_bytes(expected, value);
  return data_.keys_checked ? sw::ok : sw::wrong_data;
}

bool FileApplication::is_complete() {
  for (std::uint8_t sfi = 1; sfi <= kLastSfi; ++sfi)
    if (data_.records.has_file(sfi) && data_.files.find_by_sfi(sfi) != nullptr) return false;
  return !data_.fci.empty() && data_.files.is_complete() &&
         (data_.keys.empty() || data_.keys_checked);
}

Answer FileApplication::process(const Command& command) {
  switch (command.cla << 8 | command.ins) {
    case 0x00A4:
      return select_file(command);
    case 0x00B0:
      return read_binary_command(command);
    case 0x00B2:
      return read_record(command);
    case 0x00CA:
    case 0x80CA:
      return get_data(command);
    default:
      return command.cla == 0x00 || command.cla == 0x80 ? sw::unknown_instruction
                                                        : sw::unknown_class;
  }
}

/// SELECT of a file under this application by its identifier: P1 00 or 02.
Answer FileApplication::select_file(const Command& command) {
  if (command.data.size() != 2) return sw::wrong_length;
  const auto id = static_cast<std::uint16_t>(emvcrypto::to_number(command.data));
  const ElementaryFile* file = data_.files.find(id);
  if (file == nullptr) return sw::not_found;
  current_ = id;
  return command.p2 == kWithoutAnswer ? Answer(sw::ok) : Answer(file->control);
}

/// READ BINARY (11.2.3): P1 b8 names a file by its SFI, P2 is the offset then; else P1 and P2 are
/// the offset in the current file.
Answer FileApplication::read_binary_command(const Command& command) {
  if (!command.data.empty()) return sw::wrong_length;
  const bool by_sfi = (command.p1 & kShortIdentifier) != 0;
  const ElementaryFile* file =
      by_sfi ? data_.files.find_by_sfi(command.p1 & 0x1F) : data_.files.find(current_);
  if (file == nullptr) return by_sfi ? sw::not_found : sw::no_current_file;
  return read_binary(*file, by_sfi ? command.p2 : command.p1p2(), command.le);
}

/// READ RECORD (11.3.3): P2 b8-b4 the SFI, 0 for the current file; P2 b3-b1 100.
Answer FileApplication::read_record(const Command& command) const {
  if ((command.p2 & 7) != 4) return sw::wrong_parameters;
  const auto sfi = static_cast<std::uint8_t>(command.p2 >> 3);
  if (sfi == 0) {
    const ElementaryFile* current = data_.files.find(current_);
    return current == nullptr ? Answer(sw::no_current_file)
                              : read_file_record(*current, command.p1);
  }
  const ElementaryFile* file = data_.files.find_by_sfi(sfi);
  return file != nullptr ? read_file_record(*file, command.p1) : data_.records.read(command);
}

Answer FileApplication::get_data(const Command& command) const {
  const emvcrypto::Tag tag = command.p1 == 0 ? command.p2 : command.p1p2();
  const auto found = data_.objects.find(tag);
  return found == data_.objects.end() ? Answer(sw::data_not_found)
                                      : Answer(emvcrypto::make_tlv(tag, found->second));
}

}  // namespace kpd::chip

#include "kpd/chip/file_control.h"

#include <algorithm>

#include "emvcrypto/tlv.h"

namespace kpd::chip {
namespace {

constexpr emvcrypto::Tag kTemplate = 0x62, kSize = 0x80, kDescriptor = 0x82, kIdentifier = 0x83,
                         kName = 0x84, kSfi = 0x88, kLife = 0x8A;
constexpr int kLastSfi = 30;
constexpr std::uint16_t kReservedIds[] = {kMasterFile, 0x3FFF, 0xFFFF};

bool has_records(FileKind kind) {
  return kind == FileKind::linear_fixed || kind == FileKind::linear_variable ||
         kind == FileKind::keys;
}

bool read_descriptor(ByteView value, FileControl& control) {
  if (value.empty()) return false;
  control.kind = static_cast<FileKind>(value[0]);
  switch (control.kind) {
    case FileKind::transparent:
    case FileKind::internal:
    case FileKind::folder:
      return value.size() == 1;
    case FileKind::linear_fixed:
    case FileKind::linear_variable:
    case FileKind::keys:
      if (value.size() != 4 && value.size() != 5) return false;
      control.record_length = emvcrypto::to_number(value.subspan(2, 2));
      return control.record_length > 0 && control.record_length <= kLongestRecord;
  }
  return false;
}

bool read_id(ByteView value, FileControl& control) {
  if (value.size() != 2) return false;
  control.id = static_cast<std::uint16_t>(emvcrypto::to_number(value));
  return std::ranges::find(kReservedIds, control.id) == std::end(kReservedIds);
}

bool read_size(ByteView value, FileControl& control) {
  if (value.empty() || value.size() > 2) return false;
  control.size = emvcrypto::to_number(value);
  return control.size > 0 && control.size <= kLargestFile;
}

bool read_sfi(ByteView value, FileControl& control) {
  if (value.size() != 1 || (value[0] & 7) != 0) return false;
  control.sfi = value[0] >> 3;
  return control.sfi > 0 && control.sfi <= kLastSfi;
}

bool read_life(ByteView value, FileControl& control) {
  if (value.size() != 1) return false;
  control.life = static_cast<FileLife>(value[0]);
  return control.life == FileLife::creation || control.life == FileLife::initialisation;
}

bool read_name(ByteView value, FileControl& control) {
  control.name.assign(value.begin(), value.end());
  return value.size() >= 5 && value.size() <= 16;
}

bool read_object(emvcrypto::Tag tag, ByteView value, FileControl& control) {
  switch (tag) {
    case kSize:
      return read_size(value, control);
    case kDescriptor:
      return read_descriptor(value, control);
    case kIdentifier:
      return read_id(value, control);
    case kName:
      return read_name(value, control);
    case kSfi:
      return read_sfi(value, control);
    case kLife:
      return read_life(value, control);
    default:
      return false;
  }
}

/// What a DF has and what an EF has exclude each other.
bool fits_together(const FileControl& control) {
  if (control.kind == FileKind::folder)
    return !control.name.empty() && control.size == 0 && control.sfi == 0;
  const bool whole_records = control.kind != FileKind::linear_fixed || control.size == 0 ||
                             control.size % control.record_length == 0;
  const bool hidden = control.kind == FileKind::internal || control.kind == FileKind::keys;
  return control.name.empty() && whole_records && !(hidden && control.sfi != 0) &&
         (has_records(control.kind) == (control.record_length > 0));
}

}  // namespace

Bytes FileControl::told(std::optional<FileLife> present) const {
  Bytes inner = parameters;
  if (present) emvcrypto::append_tlv(inner, kLife, Bytes{static_cast<std::uint8_t>(*present)});
  return emvcrypto::make_tlv(kTemplate, inner);
}

std::optional<FileControl> parse_file_control(ByteView data) {
  ByteView rest = data;
  const auto whole = emvcrypto::next_tlv(rest);
  if (!whole || whole->tag != kTemplate || !rest.empty()) return std::nullopt;
  const auto objects = emvcrypto::parse_tlv_list(whole->value);
  if (!objects) return std::nullopt;
  FileControl control;
  bool has_descriptor = false, has_id = false;
  for (const auto& object : *objects) {
    if (!read_object(object.tag, object.value, control)) return std::nullopt;
    has_descriptor |= object.tag == kDescriptor;
    has_id |= object.tag == kIdentifier;
    if (object.tag != kLife) emvcrypto::append(control.parameters, object.whole);
  }
  if (!has_descriptor || !has_id || !fits_together(control)) return std::nullopt;
  return control;
}

}  // namespace kpd::chip

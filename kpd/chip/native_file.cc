#include "kpd/chip/native_file.h"

#include <algorithm>
#include <numeric>

namespace kpd::chip {
namespace {

constexpr std::size_t kMostRecords = 254;
constexpr std::size_t kOverhead = 64;  // what a card keeps of a file beside its content

}  // namespace

bool NativeFile::is_readable() const {
  return control_.kind != FileKind::internal && control_.kind != FileKind::keys;
}

Status NativeFile::update_binary(std::size_t offset, ByteView data) {
  if (control_.record_length > 0) return sw::wrong_file_kind;
  if (life() == FileLife::operational) return sw::conditions;
  if (data.empty()) return sw::wrong_length;
  if (offset >= most()) return sw::wrong_offset;
  if (data.size() > most() - offset) return sw::no_memory;
  bytes_.resize(std::max(bytes_.size(), offset + data.size()), 0xFF);
  std::ranges::copy(data, bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
  control_.life = FileLife::initialisation;
  return sw::ok;
}

Status NativeFile::append_record(ByteView record) {
  if (const Status status = check_record(record, 0); status != sw::ok) return status;
  if (records_.size() == kMostRecords) return sw::no_memory;
  records_.emplace_back(record.begin(), record.end());
  control_.life = FileLife::initialisation;
  return sw::ok;
}

Status NativeFile::update_record(std::uint8_t number, ByteView record) {
  if (control_.record_length == 0) return sw::wrong_file_kind;
  if (number == 0 || number > records_.size()) return sw::record_not_found;
  Bytes& old = records_[number - 1U];
  if (const Status status = check_record(record, old.size()); status != sw::ok) return status;
  old.assign(record.begin(), record.end());
  return sw::ok;
}

Status NativeFile::check_record(ByteView record, std::size_t freed) const {
  if (control_.record_length == 0) return sw::wrong_file_kind;
  if (life() == FileLife::operational) return sw::conditions;
  const bool fits = control_.kind == FileKind::linear_fixed
                        ? record.size() == control_.record_length
                        : !record.empty() && record.size() <= control_.record_length;
  if (!fits) return sw::wrong_length;
  return written() - freed + record.size() > most() ? sw::no_memory : sw::ok;
}

Answer NativeFile::read_binary(std::size_t offset, std::size_t most_wanted) const {
  if (control_.record_length > 0) return sw::wrong_file_kind;
  const std::size_t end = control_.size > 0 ? control_.size : bytes_.size();
  if (offset >= end) return sw::wrong_offset;
  Bytes part;
  for (std::size_t at = offset; at < std::min(end, offset + most_wanted); ++at)
    part.push_back(at < bytes_.size() ? bytes_[at] : 0xFF);
  return Answer(std::move(part));
}

Answer NativeFile::read_record(std::uint8_t number) const {
  if (control_.record_length == 0) return sw::wrong_file_kind;
  if (number == 0 || number > records_.size()) return sw::record_not_found;
  return Answer(records_[number - 1U]);
}

Bytes NativeFile::content() const {
  Bytes all = bytes_;
  for (const Bytes& record : records_) emvcrypto::append(all, record);
  return all;
}

std::size_t NativeFile::written() const {
  return std::accumulate(records_.begin(), records_.end(), bytes_.size(),
                         [](std::size_t sum, const Bytes& record) { return sum + record.size(); });
}

std::size_t NativeFile::footprint() const {
  return kOverhead + std::max(control_.size, written());
}

}  // namespace kpd::chip

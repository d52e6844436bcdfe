#include "kpd/chip/native_folder.h"

#include <algorithm>
#include <numeric>

#include "kpd/chip/personalisation.h"

namespace kpd::chip {
namespace {

constexpr std::size_t kOverhead = 256;  // what a card keeps of a DF beside its files
constexpr DgiId kCreateFiles = 0x0062;

}  // namespace

Status NativeFolder::create(FileControl control, NativeFile*& made) {
  if (life() == FileLife::operational) return sw::conditions;
  if (control.id == control_.id || find(control.id) != nullptr) return sw::file_exists;
  if (control.sfi != 0 && find_by_sfi(control.sfi) != nullptr) return sw::wrong_data;
  if (!has_use_for(control)) return sw::wrong_data;
  made = &files_.emplace_back(std::move(control));
  control_.life = FileLife::initialisation;
  return sw::ok;
}

/// Records need an SFI, since programs know them by it; one key file is enough for all keys.
bool NativeFolder::has_use_for(const FileControl& control) const {
  switch (control.kind) {
    case FileKind::transparent:
      return application_->has_files();
    case FileKind::linear_fixed:
      return application_->has_files() || control.sfi != 0;
    case FileKind::linear_variable:
      return control.sfi != 0;
    case FileKind::internal:
      return application_->kind_of(control.id) == DgiKind::clear;
    case FileKind::keys:
      return key_file() == nullptr;
    case FileKind::folder:
      break;
  }
  return false;
}

NativeFile* NativeFolder::find(std::uint16_t id) {
  const auto found =
      std::ranges::find_if(files_, [&](const NativeFile& file) { return file.control().id == id; });
  return found == files_.end() ? nullptr : &*found;
}

NativeFile* NativeFolder::find_by_sfi(std::uint8_t sfi) {
  const auto found = std::ranges::find_if(
      files_, [&](const NativeFile& file) { return sfi != 0 && file.control().sfi == sfi; });
  return found == files_.end() ? nullptr : &*found;
}

/// The keys go with the key file.
Status NativeFolder::remove(std::uint16_t id) {
  if (life() == FileLife::operational) return sw::conditions;
  const auto found =
      std::ranges::find_if(files_, [&](const NativeFile& file) { return file.control().id == id; });
  if (found == files_.end()) return sw::not_found;
  if (found->control().kind == FileKind::keys) keys_.clear();
  files_.erase(found);
  return sw::ok;
}

const NativeFile* NativeFolder::key_file() const {
  const auto found = std::ranges::find_if(
      files_, [](const NativeFile& file) { return file.control().kind == FileKind::keys; });
  return found == files_.end() ? nullptr : &*found;
}

Status NativeFolder::write_key(DgiId id, ByteView enciphered, const CardChannel& channel) {
  const NativeFile* const file = key_file();
  if (file == nullptr) return sw::not_found;
  if (life() == FileLife::operational || file->life() == FileLife::operational)
    return sw::conditions;
  if (application_->kind_of(id) != DgiKind::secret) return sw::data_not_found;
  auto key = open_secret(*application_, id, enciphered, channel);
  if (!key || key->size() > file->control().record_length) return sw::wrong_data;
  const std::size_t size = std::accumulate(keys_.begin(), keys_.end(), key->size(),
                                           [&](std::size_t sum, const auto& one) {
                                             return one.first == id ? sum : sum + one.second.size();
                                           });
  if (file->control().size != 0 && size > file->control().size) return sw::no_memory;
  keys_.insert_or_assign(id, *std::move(key));
  return sw::ok;
}

Status NativeFolder::activate() {
  if (life() == FileLife::operational) return sw::conditions;
  application_->erase();
  Status status = hand_over();
  if (status == sw::ok && application_->complete() != sw::ok) status = sw::conditions;
  if (status == sw::ok)
    control_.life = FileLife::operational;
  else
    application_->erase();
  return status;
}

/// Keys go before the files with their check values.
Status NativeFolder::hand_over() {
  for (const auto& [id, key] : keys_)
    if (application_->load(id, key.expose()) != sw::ok) return sw::wrong_data;
  for (const NativeFile& file : files_)
    if (hand_over(file) != sw::ok) return sw::wrong_data;
  return sw::ok;
}

bool NativeFolder::are_files(const FileControl& control) const {
  return application_->has_files() &&
         (control.kind == FileKind::transparent || control.kind == FileKind::linear_fixed);
}

/// A file that nothing was written in holds FF, which is as good as what came.
Status NativeFolder::hand_over(const NativeFile& file) {
  const FileControl& control = file.control();
  if (control.kind == FileKind::keys) return sw::ok;
  const Bytes content = file.content();
  if (control.kind == FileKind::internal) return application_->load(control.id, content);
  if (are_files(control)) {
    const Status created = application_->load(kCreateFiles, control.told(std::nullopt));
    if (created != sw::ok || content.empty()) return created;
    return application_->load(control.id, content);
  }
  for (std::size_t i = 0; i < file.records().size(); ++i) {
    const auto grouping = static_cast<DgiId>(control.sfi << 8 | (i + 1));
    if (const Status status = application_->load(grouping, file.records()[i]); status != sw::ok)
      return status;
  }
  return sw::ok;
}

std::size_t NativeFolder::footprint() const {
  std::size_t sum = kOverhead;
  for (const NativeFile& file : files_) sum += file.footprint();
  for (const auto& [id, key] : keys_) sum += key_file()->control().size == 0 ? key.size() : 0;
  return sum;
}

}  // namespace kpd::chip

#include "kpd/chip/directory_application.h"

namespace kpd::chip {
namespace {

constexpr DgiId kFci = 0x9102;

}  // namespace

void DirectoryApplication::erase() {
  records_ = {};
  fci_.clear();
}

DgiKind DirectoryApplication::kind_of(DgiId id) const {
  const bool known = id == kFci || id == kCompletionDgi || Records::names_record(id);
  return known ? DgiKind::clear : DgiKind::unknown;
}

Status DirectoryApplication::load(DgiId id, ByteView value) {
  if (id == kCompletionDgi) return sw::ok;
  if (Records::names_record(id)) return records_.load(id, value);
  if (id != kFci) return sw::data_not_found;
  if (!is_fci_template(value)) return sw::wrong_data;
  fci_.assign(value.begin(), value.end());
  return sw::ok;
}

Answer DirectoryApplication::process(const Command& command) {
  if (command.cla != 0x00) return sw::unknown_class;
  if (command.ins != 0xB2) return sw::unknown_instruction;
  return records_.read(command);
}

bool DirectoryApplication::is_complete() {
  if (fci_.empty()) return false;
  const auto sfi = emvcrypto::find_tlv(fci_, 0x88);
  return !sfi || (sfi->size() == 1 && records_.find((*sfi)[0], 1) != nullptr);
}

}  // namespace kpd::chip

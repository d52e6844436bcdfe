#include "kpd/station/card_file_check.h"

#include <fstream>

#include "kpd/exit_code.h"
#include "kpd/intake/side_index.h"

namespace kpd {

void check_card_file(const std::string& file, PersonaliserKeys& keys, bool require_mac) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Failure(ExitCode::io, file + ": the card file cannot be opened");
  cps::CardFileReader reader(in);
  SideIndex references;
  while (auto modules = reader.next()) {
    const Bytes* chip = cps::find_module(*modules, reader.header().chip_mic);
    if (chip == nullptr) throw cps::FileError(file + ": a record has no chip module");
    const auto record = cps::parse_record(*chip, {reader.header().key_id_length});
    if (!record) throw cps::FileError(file + ": " + record.error().reason);
    if (!record->reference.empty() && !references.insert(record->reference))
      throw cps::FileError(file + ": two records have the reference (CRN) " +
                           emvcrypto::to_hex(record->reference) +
                           ": the same card would be made twice");
  }
  if (!require_mac) return;
  const Bytes digest = emvcrypto::from_hex(reader.trailer().digest);
  if (!keys.trailer_mac_is_right(digest, reader.trailer().mac))
    throw cps::FileError(file +
                         ": the trailer's MAC is missing or wrong: the file was altered or "
                         "is for another personaliser; no chip was touched");
}

}  // namespace kpd

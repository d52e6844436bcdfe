#include "kpd/station/card_file_check.h"

#include <fstream>

#include "cps/card_source.h"
#include "kpd/exit_code.h"
#include "kpd/intake/side_index.h"

namespace kpd {

std::string check_card_file(const std::string& file, PersonaliserKeys& keys, bool require_mac) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Failure(ExitCode::io, file + ": the card file cannot be opened");
  const auto reader = cps::open_card_file(in);
  SideIndex references;
  while (const auto modules = reader->next()) {
    const auto record = cps::chip_record(reader->header(), *modules);
    if (!record) throw cps::FileError(file + ": " + record.error().reason);
    if (!record->reference.empty() && !references.insert(record->reference))
      throw cps::FileError(file + ": two records have the reference (CRN) " +
                           emvcrypto::to_hex(record->reference) +
                           ": the same card would be made twice");
  }
  if (!require_mac) return reader->trailer().digest;
  const Bytes digest = emvcrypto::from_hex(reader->trailer().digest);
  if (!keys.trailer_mac_is_right(digest, reader->trailer().mac))
    throw cps::FileError(file +
                         ": the trailer's MAC is missing or wrong: the file was altered or "
                         "is for another personaliser; no chip was touched");
  return reader->trailer().digest;
}

CountedFile count_card_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Failure(ExitCode::io, file + ": the card file cannot be opened");
  const auto reader = cps::open_card_file(in);
  while (reader->next()) {
  }
  return {{reader->trailer().digest, reader->header().run}, reader->trailer().records};
}

}  // namespace kpd

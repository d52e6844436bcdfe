// A card file of any bytes: read to its end or refused with a FileError, nothing else.
#include <cstdlib>
#include <sstream>

#include "cps/card_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(emvcrypto::as_text({data, size})));
  try {
    const auto reader = cps::open_card_file(in);
    std::uint64_t records = 0;
    while (const auto modules = reader->next()) {
      ++records;
      if (cps::encode_card(*modules).empty()) std::abort();
    }
    if (reader->trailer().records != records) std::abort();
    if (cps::encode_header(reader->header()).empty()) std::abort();
  } catch (const cps::FileError&) {
    return 0;
  }
  return 0;
}

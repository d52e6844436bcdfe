// Any bytes as CA key files, as hash files beside them, and as plain lists.
#include <cstdlib>

#include "kpd/certificates/ca_key_file.h"
#include "kpd/certificates/ca_key_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const emvcrypto::ByteView input(data, size);
  const auto ca = kpd::read_ca_file(input);
  if (ca && ca->ca.rid.size() != 5) std::abort();
  (void)kpd::read_ca_hash(ca ? ca->ca : kpd::CaKey(), input);
  try {
    const std::vector<kpd::CaKey> keys = kpd::read_ca_csv(emvcrypto::as_text(input), "list.csv");
    if (kpd::read_ca_csv(kpd::ca_csv_text(keys), "again.csv").size() != keys.size()) std::abort();
  } catch (const kpd::ConfigError&) {
    // no list
  }
  try {
    (void)kpd::read_ca_list(
        kpd::parse_yaml(std::string(emvcrypto::as_text(input)), "list.yaml", "ca-key-list"));
  } catch (const kpd::ConfigError&) {
    // no list
  }
  return 0;
}

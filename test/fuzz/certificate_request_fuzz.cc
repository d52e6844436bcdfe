// Any bytes as requests for issuer certificates, and as the hash files beside them.
#include <cstdlib>

#include "kpd/certificates/request_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const emvcrypto::ByteView input(data, size);
  const auto request = kpd::read_request(input);
  if (request && !kpd::is_issuer_id(request->issuer_id)) std::abort();
  // What can be read by a layout is written again as the same bytes.
  for (const kpd::FileFamily family : {kpd::FileFamily::indexed, kpd::FileFamily::tracked}) {
    const kpd::FileLayout& layout = kpd::layouts_of(family).request;
    if (const auto fields = layout.parse(input))
      if (!std::ranges::equal(layout.build(*fields), input)) std::abort();
  }
  (void)kpd::read_request_hash(request ? *request : kpd::IssuerRequest(), input);
  return 0;
}

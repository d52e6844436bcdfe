// Any bytes as issuer certificate responses. The CA's exponent is 1 in every other run, so that the
// fuzzer writes the recovered certificate itself.
#include <cstdlib>

#include "kpd/certificates/check_response.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const emvcrypto::ByteView input(data + 1, size - 1);
  const auto heads = kpd::response_heads(input);
  if (!heads) return 0;
  kpd::CaKey ca;
  ca.rid = emvcrypto::Bytes(5, 0xF0);
  ca.index = heads->front().ca_index;
  constexpr std::size_t kSizes[] = {96, 112, 128, 144};
  ca.key.modulus = emvcrypto::Bytes(kSizes[data[0] >> 1U & 3U], 0xC5);
  ca.key.exponent = {static_cast<std::uint8_t>((data[0] & 1U) != 0 ? 1 : 3)};
  for (const kpd::ResponseHead& head : *heads) {
    const auto response = kpd::read_response(head.family, input, ca);
    if (response && response->content.key.size() > ca.key.size()) std::abort();
  }
  kpd::ImportWorld world;
  world.authorities = {ca};
  if (kpd::check_response(input, world)) std::abort();  // no key is ours
  return 0;
}

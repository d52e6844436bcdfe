// Any bytes as certificates and signed data. The first byte chooses what they are. The signer's
// exponent is 1 in every other run, so that the fuzzer writes the recovered block itself.
#include <algorithm>
#include <cstdlib>

#include "emvcrypto/certificates.h"

using namespace emvcrypto;

namespace {

constexpr std::size_t kSignerSize = 96;

void require(bool holds) {
  if (!holds) std::abort();
}

RsaPublicKey signer(bool transparent) {
  RsaPublicKey key{Bytes(kSignerSize, 0xC5), {static_cast<std::uint8_t>(transparent ? 1 : 3)}};
  return key;
}

/// Up to `size` bytes from the front of `input`.
ByteView take(ByteView& input, std::size_t size) {
  const ByteView part = input.first(std::min(size, input.size()));
  input = input.subspan(part.size());
  return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteView input(data, size);
  const ByteView choice = take(input, 2);
  if (choice.size() < 2) return 0;
  const RsaPublicKey key = signer((choice[0] & 1) != 0);
  const ByteView block = take(input, kSignerSize);
  const ByteView exponent = take(input, 1 + choice[1] % 3);
  const ByteView remainder = take(input, choice[1] / 3);
  switch (choice[0] >> 1 & 3) {
    case 0: {
      const auto issuer = recover_issuer_certificate(key, block, remainder, exponent);
      if (issuer) {
        require(issuer->key.size() <= kSignerSize);
        (void)check_issuer_certificate(*issuer, "1234567890123456", {2026, 11, 22});
      }
      break;
    }
    case 1: {
      const auto icc = recover_icc_certificate(key, block, remainder, exponent, input);
      if (icc) {
        require(icc->key.size() <= kSignerSize);
        (void)check_icc_certificate(*icc, "1234567890123456", {2026, 11, 22});
      }
      break;
    }
    case 2: {
      const auto code = recover_ssad(key, block, input);
      if (code) require(code->size() == 2);
      break;
    }
    default: {
      const auto dynamic_data = recover_sdad(key, block, input);
      if (dynamic_data) require(dynamic_data->size() <= kSignerSize - 25);
      break;
    }
  }
  return 0;
}

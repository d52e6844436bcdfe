// Any bytes as DOL, AFL, padded message, answer of INITIALIZE UPDATE, static data and PIN block:
// what a parser accepts writes back to the same bytes.
#include <algorithm>
#include <cstdlib>

#include "emvcrypto/afl.h"
#include "emvcrypto/certificates.h"
#include "emvcrypto/mac.h"
#include "emvcrypto/pinblock.h"
#include "emvcrypto/scp02.h"
#include "emvcrypto/tlv.h"

using namespace emvcrypto;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void dol(ByteView input) {
  const auto entries = parse_dol(input);
  if (!entries) return;
  Bytes written;
  for (const DolEntry& entry : *entries) {
    append(written, tag_bytes(entry.tag));
    append_number(written, entry.length, 1);
  }
  require(written.size() <= input.size());
}

void afl(ByteView input) {
  if (const auto entries = parse_afl(input))
    require(std::ranges::equal(encode_afl(*entries), input));
}

void padding(ByteView input) {
  const auto message = unpad_80(input);
  if (message) require(message->size() < input.size());
}

void secure_channel(ByteView input) {
  const auto answer = parse_initialize_update(input);
  if (answer) require(input.size() == 28 && answer->cryptogram.size() == 8);
}

void records(ByteView input) {
  const SignedRecord record{static_cast<std::uint8_t>(input.empty() ? 0 : input[0] & 0x1F), input};
  const auto data = static_data(std::span(&record, 1), {}, {});
  if (data) require(data->size() <= input.size());
}

void pin_block(ByteView input) {
  const Secret block(input);
  for (int format : {0, 1, 2, 3}) {
    const auto pin = read_pin_block(format, block, "4761739001010119");
    if (pin) require(pin->size() >= 4 && pin->size() <= 12);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  dol(input);
  afl(input);
  padding(input);
  secure_channel(input);
  records(input);
  pin_block(input);
  return 0;
}

#include "emvcrypto/secure_channel.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kProtocolAt = 11;  // behind KEYDATA (10) and the key version
constexpr std::size_t kShortest = 28;

}  // namespace

Expected<std::uint8_t> secure_channel_protocol(ByteView answer) {
  if (answer.size() < kShortest)
    return fault("scp-length", "the answer to INITIALIZE UPDATE is shorter than 28 bytes");
  const std::uint8_t protocol = answer[kProtocolAt];
  if (protocol != 0x02 && protocol != 0x03)
    return fault("scp-protocol", "the card speaks secure channel protocol " +
                                     to_hex(ByteView(&protocol, 1)) + ", neither 02 nor 03");
  return protocol;
}

}  // namespace emvcrypto

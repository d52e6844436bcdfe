#include "kpd/chip/paced_port.h"

#include <thread>

namespace kpd::chip {
namespace {

constexpr std::size_t kBlockOverhead = 4;   // NAD, PCB, LEN; LRC
constexpr std::size_t kLongestBlock = 254;  // of information (IFSC)
constexpr std::int64_t kBitsAByte = 11;     // start, 8 bits, parity, guard time
constexpr std::int64_t kNanoseconds = 1'000'000'000;

}  // namespace

std::chrono::nanoseconds PacedPort::link_time(std::size_t bytes) const {
  if (pace_.bits_per_second == 0) return {};
  const std::size_t blocks = bytes / kLongestBlock + 1;
  const auto sent = static_cast<std::int64_t>(bytes + blocks * kBlockOverhead);
  return std::chrono::nanoseconds(sent * kBitsAByte * kNanoseconds / pace_.bits_per_second);
}

Bytes PacedPort::transmit(ByteView apdu) {
  const auto start = std::chrono::steady_clock::now();
  Bytes answer = slot_.transmit(apdu);
  const std::chrono::nanoseconds time =
      link_time(apdu.size()) + pace_.command + link_time(answer.size());
  std::this_thread::sleep_until(start + time);
  worked_ += (std::chrono::steady_clock::now() - start).count();
  return answer;
}

}  // namespace kpd::chip

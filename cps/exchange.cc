#include "cps/exchange.h"

namespace cps {
namespace {

constexpr std::size_t kMaxResponse = 65536;
constexpr std::size_t kHeaderSize = 4;

// The command with this Le in place of its own or behind its data.
Bytes with_expected(Bytes command, std::uint8_t expected) {
  const std::size_t size = command.size();
  const std::size_t data_end = size > kHeaderSize + 1 ? kHeaderSize + 1 + command[kHeaderSize] : 0;
  const bool has_expected = size == kHeaderSize + 1 || (data_end != 0 && size > data_end);
  if (has_expected)
    command.back() = expected;
  else
    command.push_back(expected);
  return command;
}

Bytes get_response(std::uint8_t expected) {
  return {0x00, 0xC0, 0x00, 0x00, expected};
}

}  // namespace

Dialogue<Response> exchange_raw(Bytes command, std::size_t* apdus) {
  Bytes collected;
  bool length_corrected = false;
  for (;;) {
    Response response = co_await send_raw(command);
    if (apdus != nullptr) ++*apdus;
    if (response.kind != Response::Kind::answered) co_return response;
    const auto sw1 = static_cast<std::uint8_t>(response.status() >> 8);
    const auto sw2 = static_cast<std::uint8_t>(response.status() & 0xFF);
    if (sw1 == 0x6C && !length_corrected) {
      command = with_expected(std::move(command), sw2);
      length_corrected = true;
      continue;
    }
    const std::size_t before = collected.size();
    emvcrypto::append(collected, response.data());
    const bool first = command[1] != 0xC0;
    const bool fetched_some = first || collected.size() > before;
    if (sw1 != 0x61 || !fetched_some || collected.size() > kMaxResponse) {
      if (response.bytes.size() >= 2)
        response.bytes.insert(response.bytes.begin(), collected.begin(),
                              collected.begin() + static_cast<std::ptrdiff_t>(before));
      co_return response;
    }
    command = get_response(sw2);
    length_corrected = false;
  }
}

Dialogue<Response> exchange(Command command, std::size_t* apdus) {
  return exchange_raw(command.encode(), apdus);
}

}  // namespace cps

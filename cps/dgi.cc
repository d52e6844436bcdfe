#include "cps/dgi.h"

#include <stdexcept>

#include "cps/record_parts.h"

namespace cps {
namespace {

constexpr std::size_t kShortMax = 0xFE;
constexpr std::size_t kLongMax = 0xFFFE;
constexpr std::uint8_t kLongMark = 0xFF;

std::size_t read_length(Cursor& cursor) {
  const std::uint8_t first = cursor.byte("DGI length");
  if (first != kLongMark) return first;
  const std::size_t length = cursor.number(2, "DGI length");
  if (!cursor.failed() && (length <= kShortMax || length > kLongMax))
    cursor.fail("a three-byte DGI length must be 255 to 65534, this is " + std::to_string(length));
  return length;
}

}  // namespace

void append_dgi(Bytes& to, const Dgi& dgi) {
  const std::size_t length = dgi.value.size();
  if (length > kLongMax)
    throw std::invalid_argument("DGI " + dgi_name(dgi.id) + " is longer than 65534 bytes");
  emvcrypto::append_number(to, dgi.id, 2);
  if (length > kShortMax) to.push_back(kLongMark);
  emvcrypto::append_number(to, length, length > kShortMax ? 2 : 1);
  emvcrypto::append(to, dgi.value);
}

std::size_t dgi_size(const Dgi& dgi) {
  return 2 + (dgi.value.size() > kShortMax ? 3 : 1) + dgi.value.size();
}

std::vector<Dgi> read_dgis(Cursor& cursor) {
  std::vector<Dgi> dgis;
  while (!cursor.at_end()) {
    Dgi dgi;
    dgi.id = static_cast<DgiId>(cursor.number(2, "DGI identifier"));
    const std::size_t length = read_length(cursor);
    const ByteView value = cursor.bytes(length, "DGI value");
    dgi.value.assign(value.begin(), value.end());
    dgis.push_back(std::move(dgi));
  }
  return dgis;
}

Expected<std::vector<Dgi>> parse_dgis(ByteView list) {
  Cursor::Failure failure;
  Cursor cursor(list, "DGI list", failure);
  std::vector<Dgi> dgis = read_dgis(cursor);
  if (failure) return emvcrypto::fault("dgi", *failure);
  return dgis;
}

std::string dgi_name(DgiId id) {
  Bytes bytes;
  emvcrypto::append_number(bytes, id, 2);
  return emvcrypto::to_hex(bytes);
}

}  // namespace cps

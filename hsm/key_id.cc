#include "hsm/key_id.h"

#include <algorithm>

namespace hsm {

namespace {

constexpr std::string_view kStart = "KCV";
constexpr std::size_t kKcv = 3;
constexpr std::size_t kSize = 2;
constexpr std::size_t kCmac = 5;
constexpr std::size_t kShort = kStart.size() + kKcv + kSize;
constexpr std::size_t kLong = kShort + kKcv + kCmac;

bool is_ours(ByteView id) {
  return (id.size() == kShort || id.size() == kLong) &&
         emvcrypto::as_text(id.first(kStart.size())) == kStart;
}

Bytes part(ByteView id, std::size_t from, std::size_t size) {
  const ByteView bytes = id.subspan(from, size);
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace

const Bytes& usual_kcv(const CheckValues& values) {
  return values.ones.empty() ? values.zeros : values.ones;
}

Bytes make_key_id(const CheckValues& values, std::size_t size) {
  const Bytes& usual = usual_kcv(values);
  Bytes id = emvcrypto::concat({emvcrypto::as_bytes(kStart), usual.empty() ? Bytes(kKcv) : usual});
  emvcrypto::append_number(id, size, kSize);
  if (!values.cmac.empty()) {
    emvcrypto::append(id, values.zeros);
    emvcrypto::append(id, values.cmac);
  }
  return id;
}

std::optional<CheckValues> kcv_in_id(ByteView id) {
  if (!is_ours(id)) return std::nullopt;
  const Bytes usual = part(id, kStart.size(), kKcv);
  if (std::ranges::all_of(usual, [](std::uint8_t byte) { return byte == 0; })) return std::nullopt;
  if (id.size() == kShort) return CheckValues{usual, {}, {}};
  return CheckValues{part(id, kShort, kKcv), usual, part(id, kShort + kKcv, kCmac)};
}

std::optional<std::size_t> size_in_id(ByteView id) {
  if (!is_ours(id)) return std::nullopt;
  return emvcrypto::to_number(id.subspan(kStart.size() + kKcv, kSize));
}

}  // namespace hsm

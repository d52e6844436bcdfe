#include "hsm/key_id.h"

#include <algorithm>

namespace hsm {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

namespace {

constexpr std::string_view kStart = "KCV";
constexpr std::size_t kKcv = 3;
constexpr std::size_t kSize = 2;

bool is_ours(ByteView id) {
  return id.size() == kStart.size() + kKcv + kSize &&
         emvcrypto::as_text(id.first(kStart.size())) == kStart;
}

}  // namespace

Bytes make_key_id(const std::optional<Bytes>& kcv, std::size_t size) {
  Bytes id = emvcrypto::concat({emvcrypto::as_bytes(kStart), kcv.value_or(Bytes(kKcv))});
  emvcrypto::append_number(id, size, kSize);
  return id;
}

std::optional<Bytes> kcv_in_id(ByteView id) {
  if (!is_ours(id)) return std::nullopt;
  const ByteView kcv = id.subspan(kStart.size(), kKcv);
  return Bytes(kcv.begin(), kcv.end());
}

std::optional<std::size_t> size_in_id(ByteView id) {
  if (!is_ours(id)) return std::nullopt;
  return emvcrypto::to_number(id.last(kSize));
}

}  // namespace hsm

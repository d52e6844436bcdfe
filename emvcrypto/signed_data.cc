// Signed static and dynamic application data, the static data themselves, and the enciphered PIN.
#include <algorithm>
#include <stdexcept>

#include "emvcrypto/certificate_layout.h"
#include "emvcrypto/certificates.h"
#include "emvcrypto/hash.h"
#include "emvcrypto/tlv.h"

namespace emvcrypto {
namespace {

using namespace certificate;

constexpr Tag kRecordTemplate = 0x70;
constexpr Tag kAip = 0x82;
constexpr std::uint8_t kLastEmvSfi = 10;  // up to here the template's tag and length stay out

void require(bool fits, const char* what) {
  if (!fits) throw std::invalid_argument(what);
}

void require_key_size(std::size_t size, std::size_t overhead) {
  require(size >= overhead && size <= kMaxModulus,
          "the signing key is too short or longer than 248 bytes");
}

}  // namespace

Bytes ssad_block(ByteView dac, ByteView static_data, std::size_t issuer_size) {
  require(dac.size() == 2, "a data authentication code has 2 bytes");
  require_key_size(issuer_size, kStaticOverhead);
  Bytes block = concat({Bytes{kHeader, kStaticFormat, kSha1}, dac});
  block.resize(issuer_size - kTail, kFill);
  return seal(std::move(block), {static_data});
}

Bytes sdad_block(ByteView icc_dynamic_data, ByteView terminal_data, std::size_t icc_size) {
  require_key_size(icc_size, kDynamicOverhead);
  require(!icc_dynamic_data.empty() && icc_dynamic_data.size() <= icc_size - kDynamicOverhead,
          "the ICC dynamic data are none or too long for the key");
  Bytes block = concat(
      {Bytes{kHeader, kDynamicFormat, kSha1, static_cast<std::uint8_t>(icc_dynamic_data.size())},
       icc_dynamic_data});
  block.resize(icc_size - kTail, kFill);
  return seal(std::move(block), {terminal_data});
}

Expected<Bytes> recover_ssad(const RsaPublicKey& issuer, ByteView ssad, ByteView static_data) {
  const auto opened = open(issuer, ssad, kStaticFormat, kStaticOverhead);
  if (!opened) return tl::unexpected(opened.error());
  if ((*opened)[2] != kSha1)
    return fault("cert-algorithm", "signed static data name a hash that EMV does not know");
  if (!hash_holds(*opened, {static_data}))
    return fault("cert-hash", "signed static data are not those of the card");
  return Bytes{(*opened)[3], (*opened)[4]};
}

Expected<Bytes> recover_sdad(const RsaPublicKey& icc, ByteView sdad, ByteView terminal_data) {
  const auto opened = open(icc, sdad, kDynamicFormat, kDynamicOverhead);
  if (!opened) return tl::unexpected(opened.error());
  const ByteView block = *opened;
  if (block[2] != kSha1)
    return fault("cert-algorithm", "signed dynamic data name a hash that EMV does not know");
  const std::size_t length = block[3];
  if (length > icc.size() - kDynamicOverhead)
    return fault("cert-length", "the ICC dynamic data are longer than their signature");
  if (!hash_holds(block, {terminal_data}))
    return fault("cert-hash", "signed dynamic data do not fit what the terminal sent");
  const ByteView dynamic_data = block.subspan(4, length);
  return Bytes(dynamic_data.begin(), dynamic_data.end());
}

Bytes ca_key_hash(ByteView rid, std::uint8_t index, const RsaPublicKey& key) {
  return sha1({rid, Bytes{index}, key.modulus, key.exponent});
}

Expected<Bytes> static_data(std::span<const SignedRecord> records, ByteView tag_list,
                            ByteView aip) {
  Bytes data;
  for (const SignedRecord& entry : records) {
    ByteView rest = entry.record;
    const auto object = next_tlv(rest);
    if (!object || object->tag != kRecordTemplate || !rest.empty())
      return fault("oda-record", "a record for data authentication is not one template 70");
    append(data, entry.sfi <= kLastEmvSfi ? object->value : entry.record);
  }
  if (tag_list.empty()) return data;
  if (tag_list.size() != 1 || tag_list[0] != kAip)
    return fault("oda-tag-list", "the tag list for data authentication may hold 82 alone");
  append(data, aip);
  return data;
}

Secret pin_encipherment_block(const Secret& pin_block_2, ByteView unpredictable, ByteView random,
                              std::size_t key_size) {
  constexpr std::size_t kFixed = 17;  // header, PIN block, unpredictable number
  require(pin_block_2.size() == 8, "a PIN block has 8 bytes");
  require(unpredictable.size() == 8, "the card's unpredictable number has 8 bytes");
  require(key_size >= kFixed && random.size() >= key_size - kFixed,
          "too few random bytes for an enciphered PIN");
  Secret block(key_size);
  auto out = block.expose_mutable().begin();
  *out++ = 0x7F;
  out = std::ranges::copy(pin_block_2.expose(), out).out;
  out = std::ranges::copy(unpredictable, out).out;
  std::ranges::copy(random.first(key_size - kFixed), out);
  return block;
}

}  // namespace emvcrypto

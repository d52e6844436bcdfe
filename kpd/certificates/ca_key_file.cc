#include "kpd/certificates/ca_key_file.h"

#include "emvcrypto/hash.h"
#include "kpd/certificates/signed_block.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

using emvcrypto::fault;
using emvcrypto::RsaPublicKey;

constexpr std::size_t kIndexedOverhead = 37;
constexpr std::size_t kIndexedFront = 16;  ///< bytes before the modulus

/// The hash in the signed block of the indexed family: over what stands between header and
/// modulus, then the whole key.
Bytes block_hash(ByteView block, const RsaPublicKey& key) {
  return emvcrypto::sha1({block.subspan(1, kIndexedFront - 1), key.modulus, key.exponent});
}

Expected<void> check_indexed(const CaKeyFile& read) {
  const Bytes opened = emvcrypto::rsa_recover(read.ca.key, read.file.at("certificate"));
  if (block_hash(opened, read.ca.key) != read.block.at("hash"))
    return fault("cert-hash", "the hash in the signed part does not fit what it covers");
  return check_same(read.file, read.block, "rid");
}

Expected<void> check_tracked(const CaKeyFile& read) {
  if (emvcrypto::ca_key_hash(read.ca.rid, read.ca.index, read.ca.key) != read.file.at("hash"))
    return fault("cert-hash", "the hash in the file is not that of its key");
  for (const char* name : {"service_id", "rid", "ca_index", "exponent", "hash"})
    if (auto same = check_same(read.file, read.block, name); !same) return same;
  return {};
}

Expected<CaKeyFile> read_family(FileFamily family, ByteView file) {
  const FamilyLayouts& layouts = layouts_of(family);
  auto fields = layouts.ca_file.parse(file);
  if (!fields) return tl::unexpected(fields.error());
  CaKeyFile read;
  read.family = family;
  read.file = *fields;
  read.ca.rid = fields->at("rid");
  read.ca.index = fields->at("ca_index")[0];
  read.ca.key = {fields->at("modulus"), fields->at("exponent")};
  if (auto good = check_numbers(read.ca.key); !good) return tl::unexpected(good.error());
  auto block = open_block(read.ca.key, fields->at("certificate"), layouts.ca_block);
  if (!block) return tl::unexpected(block.error());
  read.block = *block;
  if (auto own = check_own_key(*block, read.ca.key); !own) return tl::unexpected(own.error());
  const auto good = family == FileFamily::indexed ? check_indexed(read) : check_tracked(read);
  if (!good) return tl::unexpected(good.error());
  if (const Bytes* expiry = block->find("expiry")) {
    const auto day = last_day_of(*expiry);
    if (!day) return tl::unexpected(day.error());
    read.ca.last_day = *day;
  }
  return read;
}

FieldValues common_values(const CaFileOrder& order, const RsaPublicKey& key) {
  const auto size = static_cast<std::uint8_t>(key.size());
  const bool indexed = order.format->family == FileFamily::indexed;
  return {{"rid", order.rid},
          {"ca_index", {order.index}},
          {"service_id", order.service_id},
          {"expiry", order.expiry},
          {"serial", order.serial},
          {"modulus_length", indexed ? Bytes{size} : Bytes{0, size}},
          {"exponent_length", {static_cast<std::uint8_t>(key.exponent.size())}},
          {"exponent", key.exponent},
          {"hash", emvcrypto::ca_key_hash(order.rid, order.index, key)}};
}

}  // namespace

std::vector<NamedFile> make_ca_files(const CaFileOrder& order, emvcrypto::RsaSigner& signer) {
  const SchemeFormat& format = *order.format;
  const RsaPublicKey& key = signer.public_key();
  const FamilyLayouts& layouts = layouts_of(format.family);
  const bool indexed = format.family == FileFamily::indexed;
  FieldValues values = common_values(order, key);
  const std::size_t around = indexed ? kIndexedOverhead : 35 + key.exponent.size();
  const ByteView left = ByteView(key.modulus).first(key.size() - around);
  FieldValues inner = values;
  inner.set("modulus_left", Bytes(left.begin(), left.end()));
  if (indexed) inner.set("hash", block_hash(layouts.ca_block.build(inner), key));
  const Bytes block = layouts.ca_block.build(inner);
  values.set("modulus", key.modulus);
  values.set("certificate", signer.sign_raw({&block, 1}).front());
  const Bytes file = layouts.ca_file.build(values);
  if (const auto back = read_ca_file(file); !back)
    throw Failure(ExitCode::internal, "the CA file does not hold: " + back.error().reason);
  const NameParts names{Bytes(4), Bytes(3), Bytes(3), order.rid, order.index, {}};
  std::vector<NamedFile> files{{file_name(format.ca_name, names), file}};
  if (!format.ca_hash_name.empty())
    files.push_back({file_name(format.ca_hash_name, names), ca_hash_layout().build(values)});
  return files;
}

Expected<CaKeyFile> read_ca_file(ByteView file) {
  auto tracked = read_family(FileFamily::tracked, file);
  if (tracked) return tracked;
  auto indexed = read_family(FileFamily::indexed, file);
  if (indexed) return indexed;
  const bool looks_tracked = !file.empty() && file[0] == 0x20;
  return looks_tracked ? tracked : indexed;
}

Expected<Bytes> read_ca_hash(const CaKey& ca, ByteView file) {
  if (file.size() == kHashSize) return Bytes(file.begin(), file.end());
  std::string_view text = emvcrypto::as_text(file);
  text = text.substr(0, std::min(text.find_last_not_of("\r\n ") + 1, text.size()));
  if (text.size() == 2 * kHashSize)
    if (auto bytes = emvcrypto::parse_hex(text)) return *bytes;
  auto fields = ca_hash_layout().parse(file);
  if (!fields) return tl::unexpected(fields.error());
  if (fields->at("rid") != ca.rid || fields->at("ca_index") != Bytes{ca.index})
    return fault("cert-contradiction", "the hash file is for another CA key");
  return fields->at("hash");
}

}  // namespace kpd

#include "kpd/certificates/request_file.h"

#include "emvcrypto/hash.h"
#include "kpd/certificates/signed_block.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

using emvcrypto::fault;
using emvcrypto::RsaPublicKey;

/// Bytes of the block that are not the modulus, and its hash: over everything before the hash
/// (tracked), or over what stands between header and modulus, then the whole key (indexed).
struct BlockForm {
  std::size_t overhead;
  std::size_t behind_modulus;  ///< hash and what follows it
};
constexpr BlockForm kIndexed{36, kHashSize + 1};

Bytes block_hash(FileFamily family, ByteView block, const RsaPublicKey& key) {
  if (family == FileFamily::tracked)
    return emvcrypto::sha1({block.first(block.size() - kHashSize)});
  const std::size_t front = kIndexed.overhead - kIndexed.behind_modulus;
  return emvcrypto::sha1({block.subspan(1, front - 1), key.modulus, key.exponent});
}

std::size_t overhead(FileFamily family, const RsaPublicKey& key) {
  return family == FileFamily::indexed ? kIndexed.overhead : 39 + key.exponent.size();
}

Bytes size_byte(std::size_t size) {
  return {static_cast<std::uint8_t>(size)};
}

/// The block that the issuer's key signs.
Bytes request_block(const RequestOrder& order, const RsaPublicKey& key, Bytes& hash) {
  const FileFamily family = order.format->family;
  FieldValues values{{"issuer_id", order.issuer_id},
                     {"expiry", order.expiry},
                     {"tracking", order.tracking},
                     {"service_id", order.service_id},
                     {"modulus_length", size_byte(key.size())},
                     {"exponent_length", size_byte(key.exponent.size())},
                     {"exponent", key.exponent},
                     {"hash", Bytes(kHashSize)}};
  const ByteView modulus(key.modulus);
  const ByteView left = modulus.first(key.size() - overhead(family, key));
  values.set("modulus_left", Bytes(left.begin(), left.end()));
  const FileLayout& layout = layouts_of(family).request_block;
  hash = block_hash(family, layout.build(values), key);
  values.set("hash", hash);
  return layout.build(values);
}

/// A hash as its file holds it.
Bytes hash_file(const RequestOrder& order, const Bytes& hash) {
  if (order.format->hash == HashFile::hex_text) {
    const std::string text = emvcrypto::to_hex(hash);
    return Bytes(text.begin(), text.end());
  }
  return issuer_hash_layout(order.format->hash)
      .build({{"issuer_id", order.issuer_id}, {"key_index", order.key_index}, {"hash", hash}});
}

Expected<IssuerRequest> read_family(FileFamily family, ByteView file) {
  const FamilyLayouts& layouts = layouts_of(family);
  auto fields = layouts.request.parse(file);
  if (!fields) return tl::unexpected(fields.error());
  IssuerRequest request;
  request.family = family;
  request.file = *fields;
  request.key = {fields->at("modulus"), fields->at("exponent")};
  if (auto good = check_numbers(request.key); !good) return tl::unexpected(good.error());
  auto block = open_block(request.key, fields->at("certificate"), layouts.request_block);
  if (!block) return tl::unexpected(block.error());
  request.block = *block;
  if (auto same = check_own_key(*block, request.key); !same) return tl::unexpected(same.error());
  request.hash = block->at("hash");
  const Bytes opened = emvcrypto::rsa_recover(request.key, fields->at("certificate"));
  if (block_hash(family, opened, request.key) != request.hash)
    return fault("cert-hash", "the hash in the signed part does not fit what it covers");
  const std::string_view repeated = family == FileFamily::indexed ? "issuer_id" : "tracking";
  if (auto same = check_same(*fields, *block, repeated); !same) return tl::unexpected(same.error());
  request.issuer_id = block->at("issuer_id");
  request.expiry = block->at("expiry");
  request.tracking = block->at("tracking");
  if (!is_issuer_id(request.issuer_id))
    return fault("cert-subject", emvcrypto::to_hex(request.issuer_id) + " is no issuer identifier");
  if (auto day = last_day_of(request.expiry); !day) return tl::unexpected(day.error());
  if (family == FileFamily::indexed)
    request.key_index = fields->at("key_index");
  else
    request.service_id = block->at("service_id");
  return request;
}

}  // namespace

bool is_issuer_id(ByteView issuer_id) {
  const std::string text = emvcrypto::to_hex(issuer_id);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return text.size() == 8 && digits >= 3 && text.find_first_not_of('F', digits) == text.npos;
}

RequestFiles make_request(const RequestOrder& order, emvcrypto::RsaSigner& signer) {
  const SchemeFormat& format = *order.format;
  const RsaPublicKey& key = signer.public_key();
  RequestFiles made;
  const Bytes block = request_block(order, key, made.hash);
  const Bytes certificate = signer.sign_raw({&block, 1}).front();
  const Bytes file = layouts_of(format.family)
                         .request.build({{"issuer_id", order.issuer_id},
                                         {"key_index", order.key_index},
                                         {"tracking", order.tracking},
                                         {"modulus", key.modulus},
                                         {"exponent", key.exponent},
                                         {"modulus_length", size_byte(key.size())},
                                         {"certificate", certificate}});
  if (const auto back = read_request(file); !back)
    throw Failure(ExitCode::internal, "the request does not hold: " + back.error().reason);
  const NameParts names{order.issuer_id, order.key_index, order.tracking, {}, 0, order.day};
  made.files.push_back({file_name(format.request_name, names), file});
  if (format.hash != HashFile::none)
    made.files.push_back({file_name(format.hash_name, names), hash_file(order, made.hash)});
  return made;
}

Expected<IssuerRequest> read_request(ByteView file) {
  // An issuer identifier may begin with the header of the other family.
  auto tracked = read_family(FileFamily::tracked, file);
  if (tracked) return tracked;
  auto indexed = read_family(FileFamily::indexed, file);
  if (indexed) return indexed;
  const bool looks_tracked = !file.empty() && file[0] == 0x22;
  return looks_tracked && tracked.error().code != "file-layout" ? tracked : indexed;
}

Expected<Bytes> read_request_hash(const IssuerRequest& request, ByteView file) {
  if (file.size() == kHashSize) return Bytes(file.begin(), file.end());
  std::string_view text = emvcrypto::as_text(file);
  text = text.substr(0, std::min(text.find_last_not_of("\r\n ") + 1, text.size()));
  if (text.size() == 2 * kHashSize)
    if (auto bytes = emvcrypto::parse_hex(text)) return *bytes;
  auto fields = issuer_hash_layout(HashFile::record).parse(file);
  if (!fields) return tl::unexpected(fields.error());
  for (const char* name : {"issuer_id", "key_index"})
    if (request.file.find(name) != nullptr)
      if (auto same = check_same(*fields, request.file, name); !same)
        return fault("cert-contradiction", "the hash file is for another key than the request");
  return fields->at("hash");
}

}  // namespace kpd

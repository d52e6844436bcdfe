#include "kpd/certificates/response_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/certificates/detached_signature.h"
#include "kpd/certificates/signed_block.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

using emvcrypto::fault;

constexpr std::size_t kIndexedFront = 8;  ///< issuer id, key index, CA index
constexpr std::uint8_t kTrackedHeader = 0x24;

/// The certificate opened as far as lengths go: header, format and trailer right.
Expected<Bytes> open_certificate(const CaKey& ca, ByteView certificate) {
  static const FileLayout layout(
      "header=6A format=02 issuer_id:4 expiry:2 serial:3 hash_algorithm=01 key_algorithm=01 "
      "modulus_length:1 exponent_length:1 modulus_left:* hash:20 trailer=BC");
  if (auto block = open_block(ca.key, certificate, layout); !block)
    return tl::unexpected(block.error());
  return emvcrypto::rsa_recover(ca.key, certificate);
}

constexpr std::size_t kModulusLengthAt = 13, kExponentLengthAt = 14, kOverhead = 36;

/// Files of the indexed family do not tell their own lengths: the certificate inside does.
Expected<FieldValues> split_indexed(ByteView file, const CaKey& ca) {
  const std::size_t size = ca.key.size();
  if (file.size() < kIndexedFront + 1 + size)
    return fault("file-layout",
                 fmt::format("byte {} (end): a response under CA key {:02X} has {} bytes at least, "
                             "this has {}",
                             file.size(), ca.index, kIndexedFront + 1 + size, file.size()));
  const auto opened = open_certificate(ca, file.last(size));
  if (!opened)
    return fault(opened.error().code,
                 fmt::format("{}; it is the file's last {} bytes: a file that was cut, or has more "
                             "behind it, looks the same",
                             opened.error().reason, size));
  const std::size_t modulus = (*opened)[kModulusLengthAt];
  const std::size_t room = size - kOverhead;
  return layouts_of(FileFamily::indexed)
      .response.parse(file, {{"remainder_length", modulus > room ? modulus - room : 0},
                             {"exponent_length", (*opened)[kExponentLengthAt]},
                             {"certificate_length", size}});
}

Expected<FieldValues> split(FileFamily family, ByteView file, const CaKey& ca) {
  if (family == FileFamily::indexed) return split_indexed(file, ca);
  return layouts_of(family).response.parse(file);
}

/// What both the file and its certificate say.
Expected<void> check_repeated(const IssuerResponse& response) {
  const FieldValues signed_part{{"issuer_id", response.content.issuer_id},
                                {"expiry", response.content.expiry},
                                {"serial", response.content.serial}};
  for (const char* name : {"issuer_id", "expiry", "serial"})
    if (response.file.find(name) != nullptr)
      if (auto same = check_same(response.file, signed_part, name); !same) return same;
  return {};
}

/// Everything in front of the certificate.
ByteView unsigned_part(ByteView file, const FieldValues& fields) {
  return file.first(file.size() - fields.at("certificate").size() - fields.at("signature").size());
}

}  // namespace

Expected<std::vector<ResponseHead>> response_heads(ByteView file) {
  if (file.size() > FileLayout::kLongest || file.size() <= kIndexedFront)
    return fault("file-layout", fmt::format("byte 0: a response has {} to {} bytes, this has {}",
                                            kIndexedFront + 1, FileLayout::kLongest, file.size()));
  const ResponseHead indexed{FileFamily::indexed, file[kIndexedFront - 1]};
  if (file[0] != kTrackedHeader) return std::vector{indexed};
  const auto fields = layouts_of(FileFamily::tracked).response.parse(file);
  if (!fields && format_of_service(file.subspan(1, 4)) != nullptr)
    return tl::unexpected(fields.error());
  if (!fields) return std::vector{indexed};
  return std::vector{ResponseHead{FileFamily::tracked, fields->at("ca_index")[0]}, indexed};
}

Expected<IssuerResponse> read_response(FileFamily family, ByteView file, const CaKey& ca) {
  auto fields = split(family, file, ca);
  if (!fields) return tl::unexpected(fields.error());
  IssuerResponse response;
  response.family = family;
  response.file = *fields;
  response.ca_index = fields->at("ca_index")[0];
  response.certificate = fields->at("certificate");
  response.remainder = fields->at("remainder");
  const auto opened = open_certificate(ca, response.certificate);
  if (!opened) return tl::unexpected(opened.error());
  response.opened = *opened;
  auto content = emvcrypto::recover_issuer_certificate(ca.key, response.certificate,
                                                       response.remainder, fields->at("exponent"));
  if (!content) return tl::unexpected(content.error());
  response.content = *content;
  if (response.ca_index != ca.index)
    return fault("cert-ca-index", fmt::format("the file names CA key {:02X}, key {:02X} signed it",
                                              response.ca_index, ca.index));
  if (auto same = check_repeated(response); !same) return tl::unexpected(same.error());
  if (!is_issuer_id(response.content.issuer_id))
    return fault("cert-subject", emvcrypto::to_hex(response.content.issuer_id) +
                                     " is no issuer identifier of 3 to 8 digits");
  if (auto good = check_numbers(response.content.key); !good) return tl::unexpected(good.error());
  const auto day = last_day_of(response.content.expiry);
  if (!day) return tl::unexpected(day.error());
  response.last_day = *day;
  if (family == FileFamily::indexed) {
    response.key_index = fields->at("key_index");
    return response;
  }
  response.service_id = fields->at("service_id");
  const Bytes covered = emvcrypto::concat({unsigned_part(file, *fields), response.opened});
  if (auto holds = check_detached(ca.key, fields->at("signature"), covered); !holds)
    return tl::unexpected(holds.error());
  return response;
}

NamedFile make_response(const ResponseOrder& order, emvcrypto::RsaSigner& ca) {
  const IssuerRequest& request = *order.request;
  const SchemeFormat& format = *order.format;
  const emvcrypto::RsaPublicKey& ca_key = ca.public_key();
  const auto made = emvcrypto::issuer_certificate_block(
      {request.issuer_id, order.expiry, order.serial, request.key}, ca_key.size());
  FieldValues values{{"service_id", request.service_id}, {"issuer_id", request.issuer_id},
                     {"key_index", request.key_index},   {"serial", order.serial},
                     {"expiry", order.expiry},           {"remainder", made.remainder},
                     {"exponent", request.key.exponent}, {"ca_index", {order.ca_index}}};
  const FileLayout& layout = layouts_of(format.family).response;
  const auto length = [](std::size_t size) { return Bytes{static_cast<std::uint8_t>(size)}; };
  values.set("remainder_length", length(made.remainder.size()));
  values.set("exponent_length", length(request.key.exponent.size()));
  values.set("certificate_length", length(ca_key.size()));
  values.set("certificate", ca.sign_raw({&made.block, 1}).front());
  if (format.family == FileFamily::tracked) {
    values.set("signature", Bytes(ca_key.size()));
    const Bytes draft = layout.build(values);
    const Bytes block = detached_block(
        format.detached, emvcrypto::concat({unsigned_part(draft, values), made.block}),
        ca_key.size());
    values.set("signature", ca.sign_raw({&block, 1}).front());
  }
  const Bytes file = layout.build(values);
  CaKey key;
  key.rid = order.rid;
  key.index = order.ca_index;
  key.key = ca_key;
  if (const auto back = read_response(format.family, file, key); !back)
    throw Failure(ExitCode::internal, "the response does not hold: " + back.error().reason);
  const NameParts names{request.issuer_id, request.key_index.empty() ? Bytes(3) : request.key_index,
                        request.tracking,  order.rid,
                        order.ca_index,    order.day};
  return {file_name(format.response_name, names), file};
}

}  // namespace kpd

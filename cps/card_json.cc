// $HDR and $TRL are JSON objects; every field is required and no other is allowed.
#include "cps/card_json.h"

#include <algorithm>

#include "cps/card_module.h"
#include "cps/layout_json.h"

namespace cps {
namespace {

constexpr std::size_t kKeyIdMax = 16, kProductIdMax = 255;
constexpr std::size_t kBlock = 8;
constexpr std::string_view kFormats[] = {"cps", "tagged", "lines"};
constexpr std::string_view kCoverages[] = {"record", "section", "data-object"};
constexpr std::string_view kLengths[] = {"shortest", "long"};

template <typename Fields, typename Key>
void describe_key(Fields& fields, Key& key) {
  fields.hex("id", key.id);
  fields.text("use", key.use);
  fields.text("algorithm", key.algorithm);
  fields.hex("kcv", key.kcv);
  fields.text("method", key.method);
  fields.text("kek", key.kek);
  fields.hex("kek_kcv", key.kek_kcv);
  fields.hex("wrapped", key.wrapped);
}

template <typename Fields, typename Header>
void describe_header(Fields& fields, Header& header) {
  fields.choice("format", header.format, kFormats);
  fields.text("run", header.run);
  fields.text("job", header.job);
  fields.text("plan_digest", header.plan_digest);
  fields.text("date", header.date);
  fields.truth("test", header.test);
  fields.text("chip_mic", header.chip_mic);
  fields.number("key_id_length", header.layout.key_id_length, 1, kKeyIdMax);
  fields.number("product_id_length", header.layout.product_id_length, 0, kProductIdMax);
  fields.choice("mac_coverage", header.layout.mac_coverage, kCoverages);
  fields.choice("object_length", header.layout.object_length, kLengths);
  fields.hex("initial_value", header.initial_value);
  if (header.format == FileFormat::tagged)
    fields.object("tagged", header.tagged, "the layout of packages",
                  [&](auto& inner, auto& tagged) { describe(inner, tagged, header.layout); });
  if (header.format == FileFormat::lines)
    fields.object("lines", header.lines, "the layout of lines",
                  [](auto& inner, auto& lines) { describe(inner, lines); });
  fields.list("keys", header.keys, "a key of the header",
              [](auto& inner, auto& key) { describe_key(inner, key); });
}

template <typename Fields, typename Trailer>
void describe_trailer(Fields& fields, Trailer& trailer) {
  fields.number("read", trailer.read);
  fields.number("records", trailer.records);
  fields.number("rejected", trailer.rejected);
  fields.text("digest", trailer.digest);
  fields.hex("mac", trailer.mac);
}

/// What the kinds of the fields do not tell.
void check_header(const FileHeader& header) {
  if (header.chip_mic.size() != kMicSize)
    throw Refusal{"the header: chip_mic is not a module identifier"};
  if (header.initial_value.size() != kBlock)
    throw Refusal{"the header: initial_value has not 8 bytes"};
  for (const LineField& field : header.lines.fields)
    if (field.content != LineContent::chip && field.name == header.chip_mic)
      throw Refusal{"the header: a field of the lines has the chip's name"};
  for (const WrappedKey& key : header.keys) {
    if (key.id.size() != header.layout.key_id_length)
      throw Refusal{"a key's id in the header has not " +
                    std::to_string(header.layout.key_id_length) + " bytes"};
    if (std::ranges::count(header.keys, key.id, &WrappedKey::id) > 1)
      throw Refusal{"two keys of the header have one id"};
  }
}

Json parse_json(ByteView content, const char* where) {
  Json json = Json::parse(content.begin(), content.end(), nullptr, false);
  if (json.is_discarded()) throw Refusal{std::string(where) + " is not JSON"};
  return json;
}

std::string dump(FieldWriter fields) {
  return fields.take().dump(-1, ' ', true);
}

}  // namespace

std::string_view format_name(FileFormat format) {
  return kFormats[static_cast<int>(format)];
}

std::string header_text(const FileHeader& header) {
  FieldWriter fields;
  fields.number("version", static_cast<unsigned>(header.version));
  describe_header(fields, header);
  return dump(std::move(fields));
}

std::string trailer_text(const FileTrailer& trailer) {
  FieldWriter fields;
  describe_trailer(fields, trailer);
  return dump(std::move(fields));
}

Bytes encode_header(const FileHeader& header) {
  return encode_module(kHeaderMic, emvcrypto::as_bytes(header_text(header)));
}

Bytes encode_trailer(const FileTrailer& trailer) {
  return encode_module(kTrailerMic, emvcrypto::as_bytes(trailer_text(trailer)));
}

Expected<FileHeader> parse_header(ByteView content) try {
  const Json json = parse_json(content, "the header");
  FieldReader fields(json, "the header");
  FileHeader header;
  std::uint64_t version = 0;
  fields.number("version", version);
  if (version != static_cast<std::uint64_t>(header.version))
    throw Refusal{"the file has another version than " + std::to_string(header.version)};
  describe_header(fields, header);
  fields.expect_no_more();
  check_header(header);
  return header;
} catch (const Refusal& refusal) {
  return emvcrypto::fault("card-file", refusal.reason);
}

Expected<FileTrailer> parse_trailer(ByteView content) try {
  const Json json = parse_json(content, "the trailer");
  FieldReader fields(json, "the trailer");
  FileTrailer trailer;
  describe_trailer(fields, trailer);
  fields.expect_no_more();
  return trailer;
} catch (const Refusal& refusal) {
  return emvcrypto::fault("card-file", refusal.reason);
}

std::string trailer_mistake(const FileTrailer& trailer, std::uint64_t records, ByteView digest) {
  if (trailer.records != records)
    return "the trailer counts " + std::to_string(trailer.records) + " records, the file holds " +
           std::to_string(records);
  if (trailer.read < trailer.records || trailer.read - trailer.records != trailer.rejected)
    return "the trailer's counts do not balance: read is records and rejects";
  const auto said = emvcrypto::parse_hex(trailer.digest);
  if (!said || !std::equal(said->begin(), said->end(), digest.begin(), digest.end()))
    return "the digest in the trailer is not the file's: the file was altered";
  return {};
}

}  // namespace cps

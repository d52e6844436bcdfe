// $HDR and $TRL are JSON objects; every field is required and no other is allowed.
#include "cps/card_json.h"

#include <algorithm>

#include "cps/card_module.h"
#include "cps/layout_json.h"

namespace cps {
namespace {

constexpr std::size_t kKeyIdMax = 16, kProductIdMax = 255;
constexpr std::size_t kBlock = 8;
constexpr const char* kFormats[] = {"cps", "tagged", "lines"};
constexpr const char* kCoverages[] = {"record", "section", "data-object"};
constexpr const char* kLengths[] = {"shortest", "long"};

Json parse_json(ByteView content, const char* where) {
  Json json = Json::parse(content.begin(), content.end(), nullptr, false);
  if (json.is_discarded()) throw Refusal{std::string(where) + " is not JSON"};
  return json;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', true);
}

Json key_to_json(const WrappedKey& key) {
  return {{"id", emvcrypto::to_hex(key.id)},
          {"use", key.use},
          {"algorithm", key.algorithm},
          {"kcv", emvcrypto::to_hex(key.kcv)},
          {"method", key.method},
          {"kek", key.kek},
          {"kek_kcv", emvcrypto::to_hex(key.kek_kcv)},
          {"wrapped", emvcrypto::to_hex(key.wrapped)}};
}

WrappedKey key_from_json(const Json& json, std::size_t id_length) {
  Fields fields(json, "a key of the header");
  WrappedKey key;
  key.id = fields.hex("id");
  key.use = fields.text("use");
  key.algorithm = fields.text("algorithm");
  key.kcv = fields.hex("kcv");
  key.method = fields.text("method");
  key.kek = fields.text("kek");
  key.kek_kcv = fields.hex("kek_kcv");
  key.wrapped = fields.hex("wrapped");
  fields.expect_no_more();
  if (key.id.size() != id_length)
    throw Refusal{"a key's id in the header has not " + std::to_string(id_length) + " bytes"};
  return key;
}

RecordLayout layout_from_fields(Fields& fields) {
  RecordLayout layout;
  layout.key_id_length = fields.count("key_id_length", 1, kKeyIdMax);
  layout.product_id_length = fields.count("product_id_length", 0, kProductIdMax);
  layout.mac_coverage = static_cast<MacCoverage>(
      fields.choice("mac_coverage", {kCoverages[0], kCoverages[1], kCoverages[2]}));
  layout.object_length =
      static_cast<ObjectLength>(fields.choice("object_length", {kLengths[0], kLengths[1]}));
  return layout;
}

FileHeader header_from_json(const Json& json) {
  Fields fields(json, "the header");
  FileHeader header;
  if (fields.count("version") != static_cast<std::uint64_t>(header.version))
    throw Refusal{"the file has another version than " + std::to_string(header.version)};
  header.format =
      static_cast<FileFormat>(fields.choice("format", {kFormats[0], kFormats[1], kFormats[2]}));
  header.run = fields.text("run");
  header.job = fields.text("job");
  header.plan_digest = fields.text("plan_digest");
  header.date = fields.text("date");
  header.test = fields.truth("test");
  header.chip_mic = fields.text("chip_mic");
  if (header.chip_mic.size() != kMicSize)
    throw Refusal{"the header: chip_mic is not a module identifier"};
  header.layout = layout_from_fields(fields);
  header.initial_value = fields.hex("initial_value");
  if (header.initial_value.size() != kBlock)
    throw Refusal{"the header: initial_value has not 8 bytes"};
  if (header.format == FileFormat::tagged)
    header.tagged = tagged_from_json(fields.object("tagged"), header.layout);
  if (header.format == FileFormat::lines) header.lines = lines_from_json(fields.object("lines"));
  for (const LineField& field : header.lines.fields)
    if (field.content != LineContent::chip && field.name == header.chip_mic)
      throw Refusal{"the header: a field of the lines has the chip's name"};
  for (const Json& json_key : fields.list("keys")) {
    WrappedKey key = key_from_json(json_key, header.layout.key_id_length);
    for (const WrappedKey& other : header.keys)
      if (other.id == key.id) throw Refusal{"two keys of the header have one id"};
    header.keys.push_back(std::move(key));
  }
  fields.expect_no_more();
  return header;
}

FileTrailer trailer_from_json(const Json& json) {
  Fields fields(json, "the trailer");
  FileTrailer trailer;
  trailer.read = fields.count("read");
  trailer.records = fields.count("records");
  trailer.rejected = fields.count("rejected");
  trailer.digest = fields.text("digest");
  trailer.mac = fields.hex("mac");
  fields.expect_no_more();
  return trailer;
}

}  // namespace

std::string_view format_name(FileFormat format) {
  return kFormats[static_cast<int>(format)];
}

std::string header_text(const FileHeader& header) {
  Json json{{"version", header.version},
            {"format", format_name(header.format)},
            {"run", header.run},
            {"job", header.job},
            {"plan_digest", header.plan_digest},
            {"date", header.date},
            {"test", header.test},
            {"chip_mic", header.chip_mic},
            {"key_id_length", header.layout.key_id_length},
            {"product_id_length", header.layout.product_id_length},
            {"mac_coverage", kCoverages[static_cast<int>(header.layout.mac_coverage)]},
            {"object_length", kLengths[static_cast<int>(header.layout.object_length)]},
            {"initial_value", emvcrypto::to_hex(header.initial_value)}};
  if (header.format == FileFormat::tagged) json["tagged"] = to_json(header.tagged, header.layout);
  if (header.format == FileFormat::lines) json["lines"] = to_json(header.lines);
  json["keys"] = Json::array();
  for (const WrappedKey& key : header.keys) json["keys"].push_back(key_to_json(key));
  return dump(json);
}

std::string trailer_text(const FileTrailer& trailer) {
  return dump({{"read", trailer.read},
               {"records", trailer.records},
               {"rejected", trailer.rejected},
               {"digest", trailer.digest},
               {"mac", emvcrypto::to_hex(trailer.mac)}});
}

Bytes encode_header(const FileHeader& header) {
  return encode_module(kHeaderMic, emvcrypto::as_bytes(header_text(header)));
}

Bytes encode_trailer(const FileTrailer& trailer) {
  return encode_module(kTrailerMic, emvcrypto::as_bytes(trailer_text(trailer)));
}

Expected<FileHeader> parse_header(ByteView content) try {
  return header_from_json(parse_json(content, "the header"));
} catch (const Refusal& refusal) {
  return emvcrypto::fault("card-file", refusal.reason);
}

Expected<FileTrailer> parse_trailer(ByteView content) try {
  return trailer_from_json(parse_json(content, "the trailer"));
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

// $HDR and $TRL are JSON objects; every field is required and no other is allowed.
#include <nlohmann/json.hpp>

#include "cps/card_module.h"

namespace cps {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kKeyIdMax = 16;

// Why a header or trailer is refused; goes no further than the parse functions below.
struct Refusal {
  std::string reason;
};

// The fields of one JSON object, each taken once.
class Fields {
 public:
  Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object.is_object()) throw Refusal{where_ + " is not a JSON object"};
  }

  const Json& take(const char* name, bool (Json::*is_right)() const noexcept, const char* kind) {
    const auto field = object_.find(name);
    if (field == object_.end()) throw Refusal{where_ + " has no " + name};
    if (!((*field).*is_right)()) throw Refusal{where_ + ": " + name + " is not " + kind};
    ++taken_;
    return *field;
  }
  std::string text(const char* name) {
    return take(name, &Json::is_string, "a text").get<std::string>();
  }
  std::uint64_t count(const char* name) {
    return take(name, &Json::is_number_unsigned, "a number").get<std::uint64_t>();
  }
  bool truth(const char* name) {
    return take(name, &Json::is_boolean, "true or false").get<bool>();
  }
  Bytes hex(const char* name) {
    auto bytes = emvcrypto::parse_hex(text(name));
    if (!bytes) throw Refusal{where_ + ": " + name + " is not hexadecimal"};
    return *std::move(bytes);
  }
  void expect_no_more() const {
    if (taken_ != object_.size()) throw Refusal{where_ + " has an unknown field"};
  }

 private:
  const Json& object_;
  std::string where_;
  std::size_t taken_ = 0;
};

Json parse_json(ByteView content, const char* where) {
  Json json = Json::parse(content.begin(), content.end(), nullptr, false);
  if (json.is_discarded()) throw Refusal{std::string(where) + " is not JSON"};
  return json;
}

Bytes dump(const Json& json) {
  const std::string text = json.dump();
  const ByteView bytes = emvcrypto::as_bytes(text);
  return {bytes.begin(), bytes.end()};
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

FileHeader header_from_json(const Json& json) {
  Fields fields(json, "the header");
  FileHeader header;
  if (fields.count("version") != static_cast<std::uint64_t>(header.version))
    throw Refusal{"the file has another version than 1"};
  header.run = fields.text("run");
  header.job = fields.text("job");
  header.plan_digest = fields.text("plan_digest");
  header.date = fields.text("date");
  header.test = fields.truth("test");
  header.chip_mic = fields.text("chip_mic");
  if (header.chip_mic.size() != kMicSize)
    throw Refusal{"the header: chip_mic is not a module identifier"};
  header.key_id_length = fields.count("key_id_length");
  if (header.key_id_length == 0 || header.key_id_length > kKeyIdMax)
    throw Refusal{"the header: key_id_length is not 1 to 16"};
  for (const Json& key : fields.take("keys", &Json::is_array, "a list"))
    header.keys.push_back(key_from_json(key, header.key_id_length));
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

Bytes encode_header(const FileHeader& header) {
  Json keys = Json::array();
  for (const WrappedKey& key : header.keys) keys.push_back(key_to_json(key));
  return encode_module(kHeaderMic, dump({{"version", header.version},
                                         {"run", header.run},
                                         {"job", header.job},
                                         {"plan_digest", header.plan_digest},
                                         {"date", header.date},
                                         {"test", header.test},
                                         {"chip_mic", header.chip_mic},
                                         {"key_id_length", header.key_id_length},
                                         {"keys", std::move(keys)}}));
}

Bytes encode_trailer(const FileTrailer& trailer) {
  return encode_module(kTrailerMic, dump({{"read", trailer.read},
                                          {"records", trailer.records},
                                          {"rejected", trailer.rejected},
                                          {"digest", trailer.digest},
                                          {"mac", emvcrypto::to_hex(trailer.mac)}}));
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

}  // namespace cps

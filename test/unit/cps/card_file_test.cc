#include <catch2/catch.hpp>
#include <sstream>

#include "cps/card_source.h"
#include "emvcrypto/hash.h"
#include "test/unit/cps/generators.h"

using namespace cps;
using emvcrypto::as_bytes;
using emvcrypto::to_hex;

namespace {

std::string text_of(const Bytes& bytes) {
  return std::string(emvcrypto::as_text(bytes));
}

Bytes bytes_of(std::string_view text) {
  const ByteView view = as_bytes(text);
  return {view.begin(), view.end()};
}

FileHeader header() {
  FileHeader header;
  header.run = std::string(32, 'a');
  header.job = "sample";
  header.plan_digest = std::string(64, 'b');
  header.date = "2026-01-31";
  header.test = true;
  header.keys = {
      {bytes_of("TK01"), "card-keys", "3DES", {1, 2, 3}, "aes-kw", "KEK2", {4, 5, 6}, Bytes(24, 7)},
      {bytes_of("TK02"), "pin", "3DES", {8, 9, 10}, "static", "KEK3", {8, 9, 10}, {}}};
  return header;
}

std::vector<Module> card(std::string_view track) {
  return {{"$TR2", bytes_of(track)}, {"$CHP", Bytes(40, 0x0F)}};
}

// A file as the emitting side writes it; `records` overrides the trailer's count.
std::string file_of(const std::vector<std::vector<Module>>& cards,
                    std::optional<std::uint64_t> records = {}) {
  Bytes bytes = encode_header(header());
  for (const auto& modules : cards) emvcrypto::append(bytes, encode_card(modules));
  FileTrailer trailer;
  trailer.records = records.value_or(cards.size());
  trailer.rejected = 2;
  trailer.read = cards.size() + 2;
  trailer.digest = to_hex(emvcrypto::sha256({bytes}));
  emvcrypto::append(bytes, encode_trailer(trailer));
  return text_of(bytes);
}

std::vector<std::vector<Module>> read_all(const std::string& file) {
  std::istringstream in(file);
  const auto reader = open_card_file(in);
  std::vector<std::vector<Module>> cards;
  while (auto modules = reader->next()) cards.push_back(*std::move(modules));
  CHECK_FALSE(reader->next().has_value());
  return cards;
}

}  // namespace

TEST_CASE("a module is its identifier, seven digits of length and its content") {
  CHECK(text_of(encode_module("$TR2", as_bytes("abc"))) == "$TR20000003abc");
  CHECK(text_of(encode_module("$TR2", {})) == "$TR20000000");
  CHECK_THROWS_AS(encode_module("TR2", {}), std::invalid_argument);
  CHECK_THROWS_AS(encode_module("T R2", {}), std::invalid_argument);
  CHECK_NOTHROW(encode_module("$TR2", Bytes(kMaxModuleContent)));
  CHECK_THROWS_AS(encode_module("$TR2", Bytes(kMaxModuleContent + 1)), std::length_error);
}

TEST_CASE("a card file reads back as it was written") {
  const std::vector<std::vector<Module>> cards{card("1"), card("22"), {}};
  std::istringstream in(file_of(cards));
  const auto reader = open_card_file(in);
  CHECK(reader->header() == header());
  for (const auto& expected : cards) CHECK(reader->next() == expected);
  CHECK_FALSE(reader->next().has_value());
  CHECK(reader->trailer().records == 3);
  CHECK(reader->trailer().rejected == 2);
  CHECK(reader->trailer().read == 5);
}

TEST_CASE("a card file without cards is a card file") {
  CHECK(read_all(file_of({})).empty());
}

TEST_CASE("a card file cut at any byte is refused") {
  const std::string file = file_of({card("1"), card("22")});
  for (std::size_t size = 0; size < file.size(); ++size)
    CHECK_THROWS_AS(read_all(file.substr(0, size)), FileError);
}

TEST_CASE("a card file with any byte altered is refused") {
  const std::string file = file_of({card("1")});
  const std::size_t trailer = file.rfind("$TRL");
  for (std::size_t i = 0; i < trailer; ++i) {
    std::string altered = file;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    CHECK_THROWS_AS(read_all(altered), FileError);
  }
}

TEST_CASE("bytes behind the trailer are refused") {
  CHECK_THROWS_AS(read_all(file_of({card("1")}) + "\n"), FileError);
}

TEST_CASE("a trailer that counts other records than the file holds is refused") {
  CHECK_THROWS_WITH(read_all(file_of({card("1"), card("2")}, 1)),
                    Catch::Contains("counts 1 records, the file holds 2"));
  CHECK_THROWS_AS(read_all(file_of({card("1")}, 2)), FileError);
}

TEST_CASE("a record missing from the middle shows even when the count was changed with it") {
  const std::string whole = file_of({card("1"), card("2")});
  std::string altered = file_of({card("1")});
  altered.replace(altered.rfind("$TRL"), std::string::npos, whole.substr(whole.rfind("$TRL")));
  altered.replace(altered.rfind("\"records\":2"), 11, "\"records\":1");
  CHECK_THROWS_WITH(read_all(altered), Catch::Contains("balance"));
  altered.replace(altered.rfind("\"read\":4"), 8, "\"read\":3");
  CHECK_THROWS_WITH(read_all(altered), Catch::Contains("digest"));
}

TEST_CASE("a module longer than 1 MiB is refused before it is read") {
  std::string file = text_of(encode_header(header()));
  CHECK_THROWS_WITH(read_all(file + "$REC1048577"), Catch::Contains("longer than 1 MiB"));
  CHECK_THROWS_WITH(read_all(file + "$REC9999999"), Catch::Contains("longer than 1 MiB"));
  CHECK_THROWS_WITH(read_all(file + "$REC1048576"), Catch::Contains("ends before its trailer"));
}

TEST_CASE("a record of a full MiB is read") {
  const std::vector<Module> big{{"$CHP", Bytes(kMaxModuleContent - 11, 1)}};
  CHECK(read_all(file_of({big})).size() == 1);
}

TEST_CASE("a length that is not seven digits is refused with its offset") {
  const std::string start = text_of(encode_header(header()));
  CHECK_THROWS_WITH(read_all(start + "$REC+000001x"),
                    Catch::Contains("byte " + std::to_string(start.size())));
  CHECK_THROWS_AS(read_all(start + "$REC 000001x"), FileError);
}

TEST_CASE("what is not a card file is said to be none") {
  CHECK_THROWS_AS(read_all(""), FileError);
  CHECK_THROWS_AS(read_all("PAN;NAME;EXPIRY\n"), FileError);
  CHECK_THROWS_WITH(read_all(text_of(encode_card(card("1")))),
                    Catch::Contains("does not start with a header"));
}

TEST_CASE("an unknown module between the cards is refused") {
  CHECK_THROWS_WITH(read_all(text_of(encode_header(header())) + "$XYZ0000000"),
                    Catch::Contains("$XYZ"));
}

TEST_CASE("a header with a field missing, unknown or of another kind is refused") {
  const std::string good = text_of(encode_header(header())).substr(11);
  const auto refused = [](const std::string& json) {
    CHECK_THROWS_AS(read_all(text_of(encode_module(kHeaderMic, as_bytes(json)))), FileError);
  };
  const auto replaced = [&good](const std::string& from, const std::string& to) {
    std::string json = good;
    json.replace(json.find(from), from.size(), to);
    return json;
  };
  refused("{}");
  refused("[]");
  refused(good.substr(1));
  refused(replaced("\"version\":3", "\"version\":2"));
  refused(replaced("\"version\":3", "\"version\":-3"));
  refused(replaced("\"test\":true", "\"test\":1"));
  refused(replaced("\"job\"", "\"jobs\""));
  refused(replaced("\"test\":true", "\"test\":true,\"more\":1"));
  refused(replaced("\"chip_mic\":\"$CHP\"", "\"chip_mic\":\"\""));
  refused(replaced("\"key_id_length\":4", "\"key_id_length\":0"));
  refused(replaced("\"key_id_length\":4", "\"key_id_length\":5"));
  refused(replaced("\"kcv\":\"010203\"", "\"kcv\":\"01020\""));
  refused(replaced("\"id\":\"544B3032\"", "\"id\":\"544B3031\""));
  refused(replaced("\"format\":\"cps\"", "\"format\":\"lines\""));
  refused(replaced("\"format\":\"cps\"", "\"format\":\"other\""));
  refused(replaced("\"mac_coverage\":\"record\"", "\"mac_coverage\":\"nothing\""));
  refused(replaced("\"product_id_length\":0", "\"product_id_length\":256"));
  refused(replaced("\"initial_value\":\"0000000000000000\"", "\"initial_value\":\"00\""));
}

TEST_CASE("the modules of a record are found by their identifier") {
  const auto modules = card("1");
  REQUIRE(find_module(modules, "$TR2"));
  CHECK(*find_module(modules, "$TR2") == bytes_of("1"));
  CHECK(find_module(modules, "$EMB") == nullptr);
}

TEST_CASE("two modules of one identifier in a record are refused, writing and reading") {
  const std::vector<Module> twice{{"$TR2", {1}}, {"$TR2", {2}}};
  CHECK_THROWS_AS(encode_card(twice), std::invalid_argument);
  const auto parsed = parse_modules(as_bytes("$TR20000001a$TR20000001b"));
  REQUIRE_FALSE(parsed.has_value());
  CHECK(parsed.error().code == "card-file");
}

TEST_CASE("modules read back as they were written") {
  KPD_PROPERTY([] {
    const auto contents = *cps::test::list_of(0, 4, cps::test::bytes_of(0, 40));
    std::vector<Module> modules;
    for (const Bytes& content : contents)
      modules.push_back({"$M" + std::to_string(10 + modules.size()), content});
    const Bytes record = encode_card(modules);
    const auto parsed = parse_modules(ByteView(record).subspan(11));
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == modules);
  });
}

// What holds for card files of every format: one writer seam, one reader seam.
#include <catch2/catch.hpp>
#include <sstream>

#include "cps/card_encoder.h"
#include "cps/card_source.h"
#include "emvcrypto/hash.h"
#include "test/unit/cps/generators.h"

using namespace cps;
using emvcrypto::from_hex;

namespace {

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

Application frame() {
  Application application;
  application.aid = from_hex("F0000000990101");
  application.steps = {Step{}};
  return application;
}

FileHeader header_of(FileFormat format, bool fixed = false) {
  FileHeader header;
  header.format = format;
  header.run = std::string(32, 'a');
  header.job = "Пример";  // not ASCII
  header.plan_digest = std::string(64, 'b');
  header.date = "2026-01-31";
  header.test = true;
  header.layout.mac_coverage = MacCoverage::section;
  header.layout.object_length = ObjectLength::long_form;
  header.layout.product_id_length = 2;
  header.keys = {{bytes_of("TK01"),
                  "card-keys",
                  "3DES",
                  {1, 2, 3},
                  "aes-kw",
                  "KEK2",
                  {4, 5, 6},
                  Bytes(24, 7)}};
  if (format == FileFormat::tagged) {
    TaggedCard card;
    card.frame.applications = {frame()};
    card.frame.product_ids = {from_hex("0007")};
    card.applications = {
        {"LOCL0001",
         from_hex("01010000"),
         {{0x0101, 0xDF01, parse_tag_trees("70(57)").value()}, {0x8000, 0xDF02, {}}}}};
    header.tagged.cards = {card};
  }
  if (format == FileFormat::lines) {
    header.lines.fixed = fixed;
    header.lines.fields = {{"$REF"}, {"$TYP"}, {"$TR2"}, {"chip", LineContent::chip}};
    if (fixed)
      for (LineField& field : header.lines.fields)
        field.width = field.content == LineContent::chip ? 400 : 12;
  }
  return header;
}

CardContent card(int number) {
  CardContent content;
  content.modules = {{"$REF", bytes_of("id" + std::to_string(number))},
                     {"$TYP", bytes_of("GOLD")},
                     {"$TR2", bytes_of(";47=1;")}};
  content.record.reference = {static_cast<std::uint8_t>(number)};
  content.record.product_ids = {from_hex("0007")};
  Application application = frame();
  application.dgis = {{0x0101, from_hex("70035701AA")}, {0x8000, Bytes(16, 0xC1)}};
  application.mac_key = Bytes(16, 0xAB);
  application.mac = from_hex("01020304");
  content.record.applications = {application};
  return content;
}

/// A whole file as the emitting side writes it.
std::string file_of(const FileHeader& header, int cards, std::uint64_t rejected = 1) {
  const auto encoder = make_card_encoder(header);
  Bytes bytes = encoder->header();
  for (int i = 1; i <= cards; ++i) {
    const auto one = encoder->card(card(i));
    REQUIRE(one.has_value());
    emvcrypto::append(bytes, *one);
  }
  FileTrailer trailer;
  trailer.records = static_cast<std::uint64_t>(cards);
  trailer.rejected = rejected;
  trailer.read = trailer.records + rejected;
  trailer.digest = emvcrypto::to_hex(emvcrypto::sha256({bytes}));
  emvcrypto::append(bytes, encoder->trailer(trailer));
  return std::string(emvcrypto::as_text(bytes));
}

std::vector<Record> read_all(const std::string& file) {
  std::istringstream in(file);
  const auto source = open_card_file(in);
  std::vector<Record> records;
  while (const auto modules = source->next()) {
    auto record = chip_record(source->header(), *modules);
    if (!record) throw FileError(record.error().reason);
    records.push_back(*std::move(record));
  }
  return records;
}

std::vector<FileHeader> every_format() {
  return {header_of(FileFormat::cps), header_of(FileFormat::tagged), header_of(FileFormat::lines),
          header_of(FileFormat::lines, true)};
}

}  // namespace

TEST_CASE("every format gives back the same header, modules and records") {
  for (const FileHeader& header : every_format()) {
    CAPTURE(format_name(header.format));
    std::istringstream in(file_of(header, 3));
    const auto source = open_card_file(in);
    CHECK(source->header() == header);
    for (int i = 1; i <= 3; ++i) {
      const CardContent expected = card(i);
      const auto modules = source->next();
      REQUIRE(modules.has_value());
      for (const Module& module : expected.modules) {
        REQUIRE(find_module(*modules, module.mic));
        CHECK(*find_module(*modules, module.mic) == module.content);
      }
      CHECK(chip_record(source->header(), *modules) == expected.record);
    }
    CHECK_FALSE(source->next().has_value());
    CHECK_FALSE(source->next().has_value());
    CHECK(source->trailer().records == 3);
    CHECK(source->trailer().read == 4);
    CHECK(read_all(file_of(header, 0)).empty());
  }
}

TEST_CASE("a card file of any format is told by its first bytes") {
  for (const FileHeader& header : every_format())
    CHECK(is_card_file(std::string_view(file_of(header, 1)).substr(0, kCardFileStart)));
  for (const char* other : {"", "$", "$HD", "KPDS", "{\"version\":2", "PAN;NAME",
                            "123456789{\"version\":", "#{\"ordinal\":1", "kind: job"})
    CHECK_FALSE(is_card_file(other));
}

TEST_CASE("a file of any format cut at any byte is refused") {
  for (const FileHeader& header : every_format()) {
    const std::string file = file_of(header, 2);
    for (std::size_t size = 0; size < file.size(); ++size)
      CHECK_THROWS_AS(read_all(file.substr(0, size)), FileError);
  }
}

TEST_CASE("a file of any format with any byte before its trailer altered is refused") {
  for (const FileHeader& header : every_format()) {
    const std::string file = file_of(header, 1);
    const std::size_t trailer = file.rfind("{\"read\":");
    for (std::size_t i = 0; i < trailer; ++i)
      for (const int bit : {1, 0x20, 0x80}) {
        std::string altered = file;
        altered[i] = static_cast<char>(altered[i] ^ bit);
        CHECK_THROWS_AS(read_all(altered), FileError);
      }
  }
}

TEST_CASE("bytes behind the trailer of any format are refused") {
  for (const FileHeader& header : every_format())
    for (const char* more : {"\n", " ", "\r\n", "#"})
      CHECK_THROWS_AS(read_all(file_of(header, 1) + more), FileError);
}

TEST_CASE("cards that were doubled, dropped or exchanged show in every format") {
  for (const FileHeader& header : every_format()) {
    const auto encoder = make_card_encoder(header);
    const auto text = [](const Bytes& bytes) { return std::string(emvcrypto::as_text(bytes)); };
    const std::string start = text(encoder->header());
    const std::string one = text(*encoder->card(card(1))), two = text(*encoder->card(card(2)));
    const std::string file = file_of(header, 2);
    const std::string end = file.substr(start.size() + one.size() + two.size());
    REQUIRE(start + one + two + end == file);
    for (const std::string& cards : {two + one, one + one, one, one + two + two, std::string()})
      CHECK_THROWS_AS(read_all(start + cards + end), FileError);
  }
}

TEST_CASE("a header of one format does not open a file of another") {
  const std::string modules = file_of(header_of(FileFormat::cps), 1);
  const std::string lines = file_of(header_of(FileFormat::lines), 1);
  const std::string json_of_lines = lines.substr(1, lines.find("\r\n") - 1);
  CHECK_THROWS_AS(read_all(std::string(emvcrypto::as_text(
                      encode_module(kHeaderMic, emvcrypto::as_bytes(json_of_lines))))),
                  FileError);
  const std::string json_of_modules = modules.substr(11, std::stoul(modules.substr(4, 7)));
  CHECK_THROWS_WITH(read_all("#" + json_of_modules + "\r\n"), Catch::Contains("header of modules"));
  CHECK_THROWS_WITH(read_all("##" + json_of_lines + "\r\n"), Catch::Contains("prefix"));
  CHECK_THROWS_WITH(read_all("#" + json_of_lines + "\n"), Catch::Contains("prefix and end"));
}

TEST_CASE("a line without an end is refused before it fills the memory") {
  const std::string file = file_of(header_of(FileFormat::lines), 0);
  const std::string start = file.substr(0, file.find('\n') + 1);
  CHECK_THROWS_WITH(read_all(start + std::string(std::size_t{5} << 20, 'A')),
                    Catch::Contains("longer than 4 MiB"));
  CHECK_THROWS_AS(read_all("#{\"version\":2" + std::string(std::size_t{5} << 20, 'A')), FileError);
}

TEST_CASE("a card that a format cannot hold is a fault, and the file goes on without it") {
  const auto refused = [](const FileHeader& header, auto alter) {
    CardContent content = card(1);
    alter(content);
    const auto encoder = make_card_encoder(header);
    const auto bytes = encoder->card(content);
    CHECK_FALSE(bytes.has_value());
    if (!bytes) CHECK(bytes.error().code == "output");
    CHECK(encoder->card(card(2)).has_value());
  };
  using C = CardContent;
  for (const FileHeader& header : every_format()) {
    refused(header, [](C& c) { c.record.applications[0].dgis.push_back({0x7001, Bytes(65500)}); });
    refused(header, [](C& c) { c.record.applications[0].mac.clear(); });
  }
  const FileHeader fixed = header_of(FileFormat::lines, true);
  refused(fixed, [](C& c) { c.record.applications[0].dgis.push_back({0x7001, Bytes(200)}); });
  refused(fixed, [](C& c) { c.modules[2].content = bytes_of("0123456789ABC"); });
  refused(header_of(FileFormat::lines), [](C& c) { c.modules[2].content = bytes_of("a\nb"); });
  refused(header_of(FileFormat::cps), [](C& c) { c.modules.push_back({"$TR2", {}}); });
  refused(header_of(FileFormat::cps), [](C& c) { c.modules[0].mic = "long name"; });
  refused(header_of(FileFormat::tagged), [](C& c) { c.modules.push_back({"$CRN", {}}); });
}

TEST_CASE("a layout that cannot be read back opens no file for writing") {
  FileHeader header = header_of(FileFormat::tagged);
  header.tagged.other = header.tagged.absent;
  CHECK_THROWS_AS(make_card_encoder(header), std::invalid_argument);
  header = header_of(FileFormat::lines);
  header.lines.end = ";";
  CHECK_THROWS_AS(make_card_encoder(header), std::invalid_argument);
}

TEST_CASE("a packaged card needs its reference and its layout") {
  const FileHeader header = header_of(FileFormat::tagged);
  std::istringstream in(file_of(header, 1));
  const auto source = open_card_file(in);
  const auto modules = source->next().value();
  for (const char* mic : {"$CRN", "$LAY", "$CHP"}) {
    auto without = modules;
    std::erase_if(without, [&](const Module& module) { return module.mic == mic; });
    CHECK_FALSE(chip_record(header, without).has_value());
    for (const char* content : {"", "x", "99", "-1", "99999999999999999999"}) {
      if (std::string_view(mic) == "$CRN" && std::string_view(content) != "x") continue;
      auto other = modules;
      for (Module& module : other)
        if (module.mic == mic) module.content = bytes_of(content);
      CHECK_FALSE(chip_record(header, other).has_value());
    }
  }
}

TEST_CASE("records of every layout read back as they were written") {
  for (const ObjectLength length : {ObjectLength::shortest, ObjectLength::long_form})
    for (const std::size_t size : {0, 3})
      KPD_PROPERTY([&] {
        RecordLayout layout;
        layout.object_length = length;
        layout.product_id_length = size;
        Record record = *cps::test::any_record();
        record.product_ids =
            *cps::test::list_of(0, 3, cps::test::bytes_of(size, size == 0 ? 9 : size));
        const auto bytes = encode_record(record, layout);
        RC_ASSERT(parse_record(bytes, layout) == record);
      });
}

TEST_CASE("the form of lengths is the layout's, no other") {
  const Record record = card(1).record;
  RecordLayout shortest, long_form;
  shortest.product_id_length = long_form.product_id_length = 2;
  long_form.object_length = ObjectLength::long_form;
  CHECK(encode_record(record, long_form).size() == encode_record(record, shortest).size() + 2);
  CHECK_FALSE(parse_record(encode_record(record, long_form), shortest).has_value());
  CHECK_FALSE(parse_record(encode_record(record, shortest), long_form).has_value());
  RecordLayout other = shortest;
  other.product_id_length = 3;
  CHECK_THROWS_AS(encode_record(record, other), std::invalid_argument);
}

TEST_CASE("a MAC covers what the layout says") {
  Record record = card(1).record;
  record.applications.push_back(record.applications[0]);
  RecordLayout layout;
  const auto covers = [&](MacCoverage coverage, auto alter) {
    layout.mac_coverage = coverage;
    Record altered = record;
    alter(altered);
    return mac_input(altered, 1, layout) != mac_input(record, 1, layout);
  };
  using R = Record;
  const auto reference = [](R& r) { r.reference = {9}; };
  const auto first = [](R& r) { r.applications[0].dgis[0].value[0] ^= 1; };
  const auto keys = [](R& r) { r.applications[1].transport_keys = {{Bytes(4), 1, 2, {3}}}; };
  const auto data = [](R& r) { r.applications[1].dgis[1].value[0] ^= 1; };
  CHECK(covers(MacCoverage::record, reference));
  CHECK(covers(MacCoverage::record, first));
  CHECK(covers(MacCoverage::record, keys));
  CHECK(covers(MacCoverage::record, data));
  CHECK_FALSE(covers(MacCoverage::section, reference));
  CHECK_FALSE(covers(MacCoverage::section, first));
  CHECK(covers(MacCoverage::section, keys));
  CHECK(covers(MacCoverage::section, data));
  CHECK_FALSE(covers(MacCoverage::data_object, keys));
  CHECK(covers(MacCoverage::data_object, data));
  const Bytes object = mac_input(record, 1, layout);
  CHECK(object[0] == 0xEF);
}

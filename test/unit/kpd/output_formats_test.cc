// The same signed cards written in every format; output profiles and the mistakes in them.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "cps/card_source.h"
#include "kpd/keys/transport_keys.h"
#include "kpd/stages/emit.h"
#include "kpd/stages/prepare.h"
#include "kpd/stages/sign.h"
#include "test/unit/support/first_cards.h"
#include "test/unit/support/starter_area.h"

using emvcrypto::Bytes;
using kpd_test::Edit;
using kpd_test::StarterArea;

namespace {

const std::string kOutput = "output:\n  file: out/batch.cps\n";

/// The starter job with another output.
kpd::Plan plan_with(const StarterArea& area, const std::string& output) {
  const Edit edit(area.folder() / "job.yaml", kOutput, kOutput + output);
  return area.compile();
}

/// The starter job's first card of each product, signed.
kpd::Chunk signed_cards(const StarterArea& area, const kpd::Plan& plan,
                        std::vector<cps::WrappedKey>& keys) {
  kpd::Chunk chunk = kpd_test::first_cards(plan);
  kpd::HostWindows windows(plan.windows);
  kpd::Prepare prepare(plan, area.token(), windows);
  prepare.run(chunk);
  kpd::Sign(plan, area.token()).run(chunk);
  for (const auto& key : prepare.transport_keys().wrapped) keys.push_back(kpd::to_file_form(key));
  REQUIRE(chunk.cards.size() == plan.cards.size());
  return chunk;
}

struct Written {
  std::string file;
  std::vector<cps::Record> records;
  kpd::Chunk chunk;
};

/// The cards written as the plan says, and read again.
Written write(const StarterArea& area, const kpd::Plan& plan, kpd::Chunk chunk,
              std::span<const cps::WrappedKey> keys) {
  Written written;
  std::ostringstream out;
  kpd::HostWindows windows(plan.windows);
  kpd::Emit emit(plan, area.token(), windows, out, Bytes(16, 0xAB), 1, keys);
  const std::uint64_t read = chunk.cards.size();
  emit.run(chunk);
  emit.write(chunk);
  emit.finish(read, chunk.rejects.size());
  CHECK(emit.records() == chunk.cards.size());
  written.file = out.str();
  written.chunk = std::move(chunk);
  std::istringstream in(written.file);
  const auto source = cps::open_card_file(in);
  while (const auto modules = source->next()) {
    auto record = cps::chip_record(source->header(), *modules);
    REQUIRE(record.has_value());
    written.records.push_back(*std::move(record));
  }
  CHECK(source->trailer().records == written.records.size());
  CHECK(source->trailer().rejected == written.chunk.rejects.size());
  return written;
}

/// Records without what is drawn for each file.
std::vector<cps::Record> without_macs(std::vector<cps::Record> records) {
  for (cps::Record& record : records)
    for (cps::Application& application : record.applications) {
      CHECK(application.mac.size() == 4);
      application.mac_key.clear();
      application.mac.clear();
    }
  return records;
}

void check_mistake(const StarterArea& area, const std::string& output, const std::string& message) {
  CAPTURE(output);
  try {
    plan_with(area, output);
    FAIL_CHECK("the plan compiled");
  } catch (const kpd::ConfigError& error) {
    CHECK_THAT(error.what(), Catch::Contains(message));
    CHECK_THAT(error.what(), Catch::Contains(".yaml:"));
  }
}

}  // namespace

TEST_CASE("the same cards read back alike from every format") {
  const StarterArea area;
  kpd::Plan plan = area.compile();
  std::vector<cps::WrappedKey> keys;
  const kpd::Chunk chunk = signed_cards(area, plan, keys);
  const Written expected = write(area, plan, chunk, keys);
  REQUIRE(expected.records.size() == plan.cards.size());
  for (const char* profile : {"cps", "tagged", "lines", "fixed"}) {
    CAPTURE(profile);
    plan.output = plan_with(area, std::string("  profile: outputs/") + profile + "\n").output;
    const Written written = write(area, plan, chunk, keys);
    CHECK(without_macs(written.records) == without_macs(expected.records));
    CHECK(written.chunk.rejects.empty());
  }
}

TEST_CASE("a card that does not fit is a reject of the stage that writes") {
  const StarterArea area;
  kpd::Plan plan = area.compile();
  std::vector<cps::WrappedKey> keys;
  kpd::Chunk chunk = signed_cards(area, plan, keys);
  const std::size_t cards = chunk.cards.size();
  // one card with more than a record can hold, one with a line end where a line is written
  auto* huge = chunk.cards[1].mutable_applications(1)->add_dgis();
  huge->set_id(0x7001);
  huge->set_value(std::string(65500, 'x'));
  chunk.cards[2].set_modules(0, "A\nB");
  const auto rejected = [&](const std::string& output) {
    plan.output = plan_with(area, output).output;
    const Written written = write(area, plan, chunk, keys);
    CHECK(written.chunk.cards.size() + written.chunk.rejects.size() == cards);
    std::set<std::uint64_t> ordinals;
    for (const auto& reject : written.chunk.rejects) {
      CHECK(reject.stage() == "emit");
      CHECK(reject.fault() == "output");
      CHECK_FALSE(reject.record_id().empty());
      ordinals.insert(reject.ordinal());
    }
    return ordinals;
  };
  const std::uint64_t first = chunk.cards[1].ordinal(), second = chunk.cards[2].ordinal();
  CHECK(rejected("") == std::set<std::uint64_t>{first});
  CHECK(rejected("  record_mac: false\n  profile: outputs/tagged\n").contains(first));
  CHECK(rejected("  profile: outputs/lines\n") == std::set<std::uint64_t>{first, second});
}

TEST_CASE("a profile is part of the plan's digest, and the job's words stand on top of it") {
  const StarterArea area;
  const kpd::Plan plain = area.compile();
  CHECK(plain.output.format == cps::FileFormat::cps);
  const kpd::Plan tagged = plan_with(area, "  profile: outputs/tagged\n  pix_length_size: 1\n");
  CHECK(tagged.output.format == cps::FileFormat::tagged);
  CHECK(tagged.output.tagged.pix_length_size == 1);
  CHECK(tagged.output.tagged.key_data_length_size == 2);
  CHECK(tagged.output.file == "out/batch.cps");
  CHECK(tagged.output.tagged.cards.size() == plain.cards.size());
  CHECK(plain.digest != tagged.digest);
  const Edit edit(area.folder() / "templates/outputs/tagged.yaml", "VSDC0003", "VSDC0004");
  CHECK(plan_with(area, "  profile: outputs/tagged\n  pix_length_size: 1\n").digest !=
        tagged.digest);
}

TEST_CASE("mistakes in an output are named with their place") {
  const StarterArea area;
  const auto lines = [](const std::string& more) {
    return "  format: lines\n  delimiter: \";\"\n" + more;
  };
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"  profile: outputs/none\n", "outputs/none"},
      {"  profile: cards/classic-sda\n", "kind"},
      {"  format: xml\n", "none of: cps, tagged, lines"},
      {"  chip_mic: \"$CHIP\"\n", "chip_mic has 4 printable characters"},
      {"  chip_mic: \"$EM1\"\n", "has a module $EM1"},
      {"  layout_version: \"2\"\n", "layout_version has 4"},
      {"  mac_coverage: all\n", "none of: record, section, data-object"},
      {"  object_length: 3\n", "none of: shortest, long"},
      {"  product_ids: [\"01\"]\n  product_id_length: 2\n", "2 bytes, this has 1"},
      {"  key_id_length: 17\n", "17 is not within 1 to 16"},
      {"  cmode: ofb\n", "none of: ecb, cbc"},
      {"  cmode: {pins: cbc}\n", "unknown key 'pins'"},
      {"  cmode: cbc\n  initial_value: \"00\"\n", "8 bytes"},
      {"  initial_value: \"0000000000000001\"\n", "nothing here is under CBC"},
      {"  packages: {}\n", "unknown key 'packages'"},
      {"  fields: []\n", "unknown key 'fields'"},
      {"  format: tagged\n  pix_length_size: 3\n", "3 is not within 1 to 2"},
      {"  format: tagged\n  packages: {vsdc-sda: {pix: \"10\"}}\n", "4 bytes"},
      {"  format: tagged\n  private_tags: {\"8000\": \"9F36\"}\n", "a private tag is primitive"},
      {"  format: tagged\n  private_tags: {\"8000\": \"E1\"}\n", "a private tag is primitive"},
      {"  format: lines\n", "key 'fields' is missing"},
      {lines("  fields: []\n"), "1 to 256 fields"},
      {lines("  fields: [{module: \"$NOT\"}]\n"), "no product has a module $NOT"},
      {lines("  fields: [{name: a, text: \"{nothing}\"}]\n"), "nothing"},
      {lines("  fields: [{name: \"$EM1\", text: \"{pan}\"}]\n"), "$EM1 is a module"},
      {lines("  fields: [{chip: cps-hex}, {chip: cps-hex, name: b}]\n"), "stands twice"},
      {lines("  fields: [{chip: cps-hex, width: 9}]\n"), "unknown key 'width'"},
      {lines("  encoding: utf-16\n  fields: [{chip: cps-hex}]\n"), "utf-16"},
      {lines("  prefix: \"\"\n  fields: [{chip: cps-hex}]\n"), "the prefix"},
      {lines("  quote: \";\"\n  fields: [{chip: cps-hex}]\n"), "the quote"},
      {"  format: lines\n  fields: [{module: \"$EM1\"}]\n", "key 'width' is missing"},
      {"  format: lines\n  fields: [{chip: cps-hex, width: 9, fill: \"0\"}]\n", "hexadecimal"},
  };
  for (const auto& [output, message] : mistakes) check_mistake(area, output, message);
}

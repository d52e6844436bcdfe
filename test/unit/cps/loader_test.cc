#include "cps/loader.h"

#include <catch2/catch.hpp>

#include "test/unit/cps/load_fixture.h"

using namespace cps;
using cps::test::LoadFixture;

namespace {

// The card holds exactly the record's DGIs, secrets opened by its session key.
void check_personalised(const LoadFixture& f) {
  for (const Application& application : f.record.applications) {
    const auto& held = f.card.applications.at(application.aid);
    CHECK(held.closed);
    REQUIRE(held.dgis.size() == application.dgis.size());
    for (const Dgi& dgi : application.dgis) {
      if (dgi.id == 0x8000)
        CHECK(f.card.open(application.aid, dgi.id) == f.card_keys);
      else if (dgi.id == 0x8010)
        CHECK(f.card.open(application.aid, dgi.id) == f.pin);
      else
        CHECK(held.dgis.at(dgi.id) == dgi.value);
    }
  }
}

}  // namespace

TEST_CASE("a card gets every DGI of the record under every security level and transport mode") {
  const std::uint8_t level = GENERATE(0x00, 0x01, 0x03);
  const std::uint8_t mode = GENERATE(0x10, 0x11);
  LoadFixture f(level, mode);
  const LoadResult result = f.load();
  INFO(describe(result));
  REQUIRE(result.outcome == LoadOutcome::done);
  CHECK(result.applications == 2);
  CHECK(result.warnings.empty());
  CHECK(result.apdus == f.card.apdus);
  CHECK(result.store_data == result.apdus - 2 * 3);
  check_personalised(f);
}

TEST_CASE("a card that takes one DGI a command gets them all") {
  LoadFixture f;
  f.options.profile.one_dgi_per_command = true;
  const LoadResult result = f.load();
  REQUIRE(result.outcome == LoadOutcome::done);
  CHECK(result.store_data == 2 + 6 + 2);  // DGI 0102 takes three commands
  check_personalised(f);
}

TEST_CASE("a card that takes short commands only gets short commands only") {
  for (const std::uint8_t level : {std::uint8_t{0x00}, std::uint8_t{0x01}, std::uint8_t{0x03}}) {
    LoadFixture f(level);
    f.options.profile.max_data = f.card.largest_command = 64;
    REQUIRE(f.load().outcome == LoadOutcome::done);
    check_personalised(f);
  }
}

TEST_CASE("block numbers go on at 00 after FF") {
  LoadFixture f(0x00);
  f.record.applications[0].dgis[0].value = Bytes(24 * 300, 0x70);
  f.options.profile.max_data = 24;
  f.sign();
  const LoadResult result = f.load();
  REQUIRE(result.outcome == LoadOutcome::done);
  CHECK(result.store_data > 300);
  check_personalised(f);
}

TEST_CASE("a DGI that the card does not know is passed over when VERCNTL allows it") {
  for (const bool counts : {true, false}) {
    LoadFixture f;
    f.instructions().version_control = {0x0102, 0x9000};
    f.sign();
    f.card.unknown = {0x0102, 0x9000};
    f.card.counts_refused = f.options.profile.refused_block_counts = counts;
    const LoadResult result = f.load();
    INFO(describe(result));
    REQUIRE(result.outcome == LoadOutcome::done);
    REQUIRE(result.warnings.size() == 2);
    CHECK_THAT(result.warnings[0], Catch::Contains("DGI 0102"));
    CHECK(f.card.applications.at(f.payment).dgis.size() == 4);
    CHECK(f.card.applications.at(f.payment).closed);
  }
}

TEST_CASE("an unknown DGI without VERCNTL ends the card") {
  LoadFixture f;
  f.card.unknown = {0x9000};
  const LoadResult result = f.load();
  CHECK(result.outcome == LoadOutcome::refused);
  CHECK(result.status == 0x6A88);
  CHECK(result.aid == f.payment);
  CHECK_THAT(result.command, Catch::Contains("STORE DATA") && Catch::Contains("9000"));
  CHECK(result.applications == 1);
}

TEST_CASE("an optional step that is not known is skipped and noted, a required one refused") {
  LoadFixture f;
  f.record.applications[0].steps.push_back({0x0B, 0x00, 0xEB, {}, {}});
  f.sign();
  LoadResult result = f.load();
  CHECK(result.outcome == LoadOutcome::done);
  CHECK(result.warnings.size() == 1);

  LoadFixture g;
  g.record.applications[0].steps.push_back({0x0B, 0x01, 0xEB, {}, {}});
  g.sign();
  result = g.load();
  CHECK(result.outcome == LoadOutcome::bad_record);
  CHECK(g.card.apdus == 0);
}

TEST_CASE("a secret leaves its transport key only when its command is due") {
  LoadFixture f;
  f.card.instead[3 + 1 + 3] = "6A80";  // the first STORE DATA of the second application
  CHECK(f.load().outcome == LoadOutcome::refused);
  CHECK(f.keys.rewraps == 0);
}

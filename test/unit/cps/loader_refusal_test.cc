// Cards that do not take the record, and records that do not reach a card.
#include <catch2/catch.hpp>

#include "cps/loader.h"
#include "test/unit/cps/load_fixture.h"

using namespace cps;
using cps::test::LoadFixture;

namespace {

void check_untouched(const LoadFixture& f, const LoadResult& result, LoadOutcome outcome) {
  INFO(describe(result));
  CHECK(result.outcome == outcome);
  CHECK(result.apdus == 0);
  CHECK(f.card.apdus == 0);
}

// Writes down what it is told.
class Notes final : public LoadObserver {
 public:
  std::vector<std::string> lines;
  void before_first_apdu(const Record&) override { lines.push_back("first"); }
  void before_irreversible(const LoadEvent& event) override {
    lines.push_back("before " + event.command);
  }
  void progress(const LoadEvent& event) override {
    lines.push_back(std::to_string(event.application + 1) + "/" +
                    std::to_string(event.applications) + " " + std::to_string(event.block) + "/" +
                    std::to_string(event.blocks));
  }
};

}  // namespace

TEST_CASE("a record whose MAC is wrong does not reach the card") {
  LoadFixture f;
  f.record.applications[1].dgis[0].value[0] ^= 1;
  const LoadResult result = f.load();
  check_untouched(f, result, LoadOutcome::mac_wrong);
  CHECK(result.aid == f.payment);

  LoadFixture g;
  g.record.reference[0] ^= 1;
  check_untouched(g, g.load(), LoadOutcome::mac_wrong);
}

TEST_CASE("a wrong MAC is refused even where none is required") {
  LoadFixture f;
  f.options.require_mac = false;
  f.record.applications[0].mac[0] ^= 1;
  check_untouched(f, f.load(), LoadOutcome::mac_wrong);
}

TEST_CASE("a record with secrets but without a MAC over all of it does not reach the card") {
  LoadFixture f;
  f.record.applications[1].mac.clear();
  f.record.applications[1].mac_key.clear();
  const LoadResult result = f.load();
  check_untouched(f, result, LoadOutcome::mac_missing);
  CHECK(result.aid == f.payment);

  // The application with the secrets has its MAC, but the one behind it is not covered.
  LoadFixture g;
  std::swap(g.record.applications[0], g.record.applications[1]);
  g.sign();
  g.record.applications[1].mac.clear();
  g.record.applications[1].mac_key.clear();
  check_untouched(g, g.load(), LoadOutcome::mac_missing);
}

TEST_CASE("only the options excuse a missing MAC: a record cannot excuse itself") {
  LoadFixture f;
  for (Application& application : f.record.applications) application.mac = application.mac_key = {};
  f.options.require_mac = false;
  CHECK(f.load().outcome == LoadOutcome::done);

  LoadFixture g;
  g.record.applications.pop_back();
  g.record.applications[0].mac = g.record.applications[0].mac_key = {};
  check_untouched(g, g.load(), LoadOutcome::mac_missing);  // holds no secrets, or says so
}

TEST_CASE("the last application's MAC alone does not do when another one holds secrets") {
  LoadFixture f;
  std::swap(f.record.applications[0], f.record.applications[1]);
  f.record.applications[0].mac = f.record.applications[0].mac_key = {};
  check_untouched(f, f.load(), LoadOutcome::mac_missing);
}

TEST_CASE("a record without applications is a bad record") {
  LoadFixture f;
  f.record.applications.clear();
  check_untouched(f, f.load(), LoadOutcome::bad_record);
}

TEST_CASE("a record that cannot be loaded to its end is not begun") {
  LoadFixture f;
  f.record.applications[1].dgis.push_back(f.record.applications[1].dgis[0]);
  f.sign();
  const LoadResult result = f.load();
  check_untouched(f, result, LoadOutcome::bad_record);
  CHECK(result.aid == f.payment);
  CHECK_THAT(result.detail, Catch::Contains("0101"));
}

TEST_CASE("a card with other keys is left before it counts a failed try") {
  LoadFixture f;
  f.card.key_data[9] ^= 1;
  f.card.instead[1] =
      "00010203040506070809"
      "0102"
      "0001"
      "A1A2A3A4A5A6"
      "AC33F366CD2F3530"
      "9000";
  const LoadResult result = f.load();
  CHECK(result.outcome == LoadOutcome::wrong_keys);
  CHECK(result.command == "INITIALIZE UPDATE");
  CHECK(f.card.apdus == 2);
}

TEST_CASE("a card that refuses the host's cryptogram has other keys") {
  for (const char* status : {"6300", "6982", "6988"}) {
    LoadFixture f;
    f.card.instead[2] = status;
    const LoadResult result = f.load();
    CHECK(result.outcome == LoadOutcome::wrong_keys);
    CHECK(result.command == "EXTERNAL AUTHENTICATE");
    CHECK(f.card.apdus == 3);
  }
}

TEST_CASE("a card that was personalised before is told from one that refuses") {
  LoadFixture f;
  REQUIRE(f.load().outcome == LoadOutcome::done);
  const LoadResult again = f.load();
  CHECK(again.outcome == LoadOutcome::already_personalised);
  CHECK(again.store_data == 0);

  LoadFixture g;
  g.card.instead[3] = "6985";  // at the first STORE DATA
  CHECK(g.load().outcome == LoadOutcome::already_personalised);

  LoadFixture h;
  h.card.instead[3 + 1 + 3 + 1] = "6985";  // at a later one
  CHECK(h.load().outcome == LoadOutcome::refused);
}

TEST_CASE("a card without the application is not this card") {
  LoadFixture f;
  f.card.applications.erase(f.payment);
  const LoadResult result = f.load();
  CHECK(result.outcome == LoadOutcome::not_this_card);
  CHECK(result.aid == f.payment);
  CHECK(result.status == 0x6A82);
  CHECK(result.applications == 1);
}

TEST_CASE("a card that answers INITIALIZE UPDATE with something else is refused") {
  for (const char* answer : {"9000", "00019000"}) {
    LoadFixture f;
    f.card.instead[1] = answer;
    const LoadResult result = f.load();
    CHECK(result.outcome == LoadOutcome::refused);
    CHECK_FALSE(result.detail.empty());
  }
  LoadFixture f;
  f.card.instead[1] = "6A88";
  CHECK(f.load().outcome == LoadOutcome::refused);
}

TEST_CASE("a card or reader that goes away at any command is reported with that command") {
  LoadFixture whole;
  const std::size_t apdus = whole.load().apdus;
  for (const bool broken : {false, true})
    for (std::size_t at = 0; at < apdus; ++at) {
      LoadFixture f;
      f.card.instead[at] = broken ? "broken" : "lost";
      const LoadResult result = f.load();
      CHECK(result.outcome == (broken ? LoadOutcome::reader_broken : LoadOutcome::card_lost));
      CHECK(result.apdus == at + 1);
      CHECK(f.card.apdus == at + 1);
      CHECK_FALSE(result.command.empty());
      CHECK_FALSE(result.detail.empty());
      CHECK(result.aid == (at < 4 ? f.directory : f.payment));
    }
}

TEST_CASE("a refusal at any command ends the card there") {
  LoadFixture whole;
  const std::size_t apdus = whole.load().apdus;
  for (std::size_t at = 0; at < apdus; ++at) {
    LoadFixture f;
    f.card.instead[at] = "6F00";
    const LoadResult result = f.load();
    CHECK(result.outcome == LoadOutcome::refused);
    CHECK(result.status == 0x6F00);
    CHECK(f.card.apdus == at + 1);
  }
}

TEST_CASE("what the key service throws comes out of the loader") {
  LoadFixture f;
  f.keys.transport_keys.clear();
  CHECK_THROWS_AS(f.load(), std::invalid_argument);
}

TEST_CASE("an observer hears of each command that cannot be taken back, before it goes out") {
  LoadFixture f;
  f.record.applications[0].dgis.push_back({0x0102, Bytes(250, 0x70)});
  f.record.applications.pop_back();
  f.sign();
  Notes notes;
  REQUIRE(f.load(notes).outcome == LoadOutcome::done);
  CHECK(notes.lines ==
        std::vector<std::string>{"first", "before EXTERNAL AUTHENTICATE",
                                 "before STORE DATA 00 (DGI 0101, 9102)", "1/1 1/3", "1/1 2/3",
                                 "before STORE DATA 02 (DGI 0102, continued)", "1/1 3/3"});
}

TEST_CASE("an observer hears nothing of a card that is not begun") {
  LoadFixture f;
  f.record.applications[0].mac[0] ^= 1;
  Notes notes;
  f.load(notes);
  CHECK(notes.lines.empty());
}

TEST_CASE("a result reads as one sentence without any of the card's data") {
  LoadFixture f;
  f.card.instead[3] = "6A80";
  CHECK(describe(f.load()) ==
        "refused, application 0102030405, STORE DATA 00 (DGI 0101, 9102): 6A80 wrong data");
  CHECK(describe(LoadResult{}) == "done");
}

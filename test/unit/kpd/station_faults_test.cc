// A fault at every command of a card: whatever happens, the books say what is so, and no card is
// made twice.
#include <catch2/catch.hpp>
#include <fstream>

#include "kpd/area/chip_profile.h"
#include "kpd/keys/transport_keys.h"
#include "kpd/stages/emit.h"
#include "kpd/stages/prepare.h"
#include "kpd/stages/sign.h"
#include "kpd/station/card_file_check.h"
#include "kpd/station/held_card.h"
#include "kpd/station/load_station.h"
#include "test/unit/support/chip_card.h"
#include "test/unit/support/faulty_slot.h"
#include "test/unit/support/first_cards.h"
#include "test/unit/support/starter_area.h"

using namespace kpd;
using emvcrypto::Bytes;
using kpd_test::Fault;
using kpd_test::FaultyReader;

namespace {

constexpr std::uint64_t kCards = 2;  // of the file: the first one meets the fault
constexpr std::size_t kChips = 5;

/// An area with a small card file, chips of its manufacturer, and its stations.
class Workshop {
 public:
  Workshop() : plan_(area_.compile()), personaliser_(area_.open(kPersonaliser)) {
    HostWindows windows(plan_.windows);
    Prepare prepare(plan_, area_.token(), windows);
    Chunk chunk = kpd_test::first_cards(plan_);
    prepare.run(chunk);
    Sign(plan_, area_.token()).run(chunk);
    std::vector<cps::WrappedKey> keys;
    for (const auto& key : prepare.transport_keys().wrapped) keys.push_back(to_file_form(key));
    std::ofstream out(file_, std::ios::binary);
    Emit emit(plan_, area_.token(), windows, out, Bytes(16, 0x11), 0, keys);
    const std::uint64_t read = chunk.cards.size();
    emit.run(chunk);
    emit.write(chunk);
    emit.finish(read, 0);
    profile_ = read_chip_profile(area_.folder() / "templates/chips/generic.yaml");
    chip_keys_ = card_keys_from(area_.open(kManufacturer), profile_.model);
  }

  void supply(FaultyReader& reader) const {
    for (std::uint8_t n = 0; n < kChips; ++n) {
      chip::ChipConfig config;
      static_cast<chip::ChipModel&>(config) = profile_.model;
      config.key_data = profile_.kmc_id;
      const Bytes serial{0x00, 0x00, 0x00, n};
      config.key_data.insert(config.key_data.end(), serial.begin(), serial.end());
      config.keys = chip_keys_(config.key_data);
      reader.chips.push_back(std::make_unique<chip::Chip>(std::move(config)));
    }
  }

  StationTotals load(FaultyReader& reader, const std::filesystem::path& books,
                     const Remake& remake = {}, bool with_absent_reader = false) const {
    StationOptions options;
    options.slots = {
        {"faulty reader", [&] { return std::make_unique<kpd_test::FaultySlot>(reader); }}};
    if (with_absent_reader)
      options.slots.push_back({"absent reader", []() -> std::unique_ptr<cps::Slot> {
                                 throw cps::SlotGone("there is no such reader");
                               }});
    options.card_seconds = 1;
    options.windows = plan_.windows;
    options.books = books;
    options.remake = remake;
    options.retry.chips = 4;  // a finished one may lie in the reader still
    StationBoard board;
    CardSelection selection;
    selection.count = kCards;
    return load_cards(file_, selection, personaliser_, options, board,
                      [&](const StationResult& end) {
                        told_ += std::to_string(end.index) + " " + name_of(end.state) + ": " +
                                 cps::describe(end.result) + "\n";
                      });
  }

  /// The n-th card of the file.
  CardJob card(std::uint64_t n) const {
    CardSelection selection;
    selection.first = n;
    return *CardQueue(file_, selection).next();
  }

  BooksView books(const std::filesystem::path& folder) const {
    return read_books(folder, count_card_file(file_).file, std::nullopt, 100);
  }

  /// What the stations reported since it was asked for last.
  std::string told() const { return std::exchange(told_, {}); }

 private:
  kpd_test::StarterArea area_;
  Plan plan_;
  std::shared_ptr<hsm::Token> personaliser_;
  std::string file_ = area_.folder() / "two.cps";
  ChipProfile profile_;
  chip::CardKeySource chip_keys_;
  mutable std::string told_;
};

const Workshop& workshop() {
  static const Workshop one;
  return one;
}

/// How many of the reader's chips hold the whole card.
std::size_t holders(FaultyReader& reader, const CardJob& job) {
  std::size_t count = 0;
  const Bytes challenge(8, 0x00);
  const CardIdentity wanted = identify(job.record, identity_plan(job.record));
  for (const auto& chip : reader.chips) {
    chip->power_on();
    kpd_test::ChipCard card(*chip);
    const HeldAnswer answer =
        cps::drive(ask_what_it_holds(job.record, challenge), card, std::chrono::milliseconds(1000));
    count += answer.held == Held::all && answer.identity.key() == wanted.key() ? 1 : 0;
  }
  return count;
}

struct Case {
  Fault fault;
  bool comes_back;
};

CardState state_of(const BooksView& books, std::uint64_t card) {
  for (const CardEntry& entry : books.entries)
    if (entry.card == card) return entry.state;
  return CardState::untouched;
}

void check_balance(const StationTotals& totals) {
  CHECK(totals.loaded + totals.failed + totals.untouched + totals.before == kCards);
}

/// One run with the fault, a second one after it.
void check_fault(const Case& one, std::uint64_t at) {
  CAPTURE(static_cast<int>(one.fault), one.comes_back, at);
  const kpd_test::TempFolder folder;
  FaultyReader reader;
  reader.fault = one.fault;
  reader.comes_back = one.comes_back;
  reader.fault_at = at;
  workshop().supply(reader);
  check_balance(workshop().load(reader, folder.path()));
  REQUIRE(reader.faulted);
  check_balance(workshop().load(reader, folder.path()));

  INFO(workshop().told());
  const BooksView books = workshop().books(folder.path());
  for (std::uint64_t n = 0; n < kCards; ++n) {
    CAPTURE(n);
    const CardState state = state_of(books, n);
    const std::size_t held = holders(reader, workshop().card(n));
    CHECK(held <= 1);
    CHECK((state == CardState::done || state == CardState::doubt));
    if (state == CardState::done) CHECK(held == 1);
    if (one.comes_back) CHECK(state == CardState::done);
    if (state != CardState::doubt) continue;
    // The chip is in the reject tray and destroyed; somebody decides for a remake.
    Remake remake;
    remake.doubt = true;
    check_balance(workshop().load(reader, folder.path(), remake));
    CHECK(state_of(workshop().books(folder.path()), n) == CardState::done);
  }
}

/// Commands of the two cards when nothing fails.
std::uint64_t commands_without_fault() {
  const kpd_test::TempFolder folder;
  FaultyReader reader;
  reader.fault = Fault::pulled_before;
  reader.fault_at = ~std::uint64_t{0};
  workshop().supply(reader);
  const StationTotals totals = workshop().load(reader, folder.path());
  CHECK(totals.loaded == kCards);
  CHECK(totals.stopped_because.empty());
  for (std::uint64_t n = 0; n < kCards; ++n) CHECK(holders(reader, workshop().card(n)) == 1);
  return reader.commands;
}

}  // namespace

TEST_CASE("a fault at every command of two cards loses none and makes none twice") {
  const Case one = GENERATE(Case{Fault::pulled_before, true}, Case{Fault::pulled_after, true},
                            Case{Fault::gone_before, true}, Case{Fault::gone_after, true},
                            Case{Fault::pulled_before, false}, Case{Fault::pulled_after, false},
                            Case{Fault::gone_after, false});
  const std::uint64_t commands = commands_without_fault();
  REQUIRE(commands > 20);
  for (std::uint64_t at = 0; at < commands; ++at) check_fault(one, at);
}

TEST_CASE("a card in doubt that is lost again meets no other chip by itself") {
  constexpr std::uint64_t kFirstStoreData = 3;
  for (std::uint64_t at = kFirstStoreData; at < 15; ++at)
    for (std::uint64_t later = 0; later < 10; ++later) {
      CAPTURE(at, later);
      const kpd_test::TempFolder folder;
      FaultyReader reader;
      reader.fault = Fault::pulled_before;
      reader.fault_at = at;
      reader.pulled_again_after = later;
      workshop().supply(reader);
      check_balance(workshop().load(reader, folder.path()));
      REQUIRE_FALSE(reader.pulled_again_after);
      CHECK(state_of(workshop().books(folder.path()), 0) == CardState::doubt);
      CHECK(holders(reader, workshop().card(0)) == 0);
    }
}

TEST_CASE("a reader that is not there keeps no other station from its cards") {
  const kpd_test::TempFolder folder;
  FaultyReader reader;
  workshop().supply(reader);
  const StationTotals totals = workshop().load(reader, folder.path(), {}, true);
  CHECK(totals.loaded == kCards);
  CHECK(totals.untouched == 0);
}

TEST_CASE("a second run of a finished file touches no chip") {
  const kpd_test::TempFolder folder;
  FaultyReader reader;
  workshop().supply(reader);
  CHECK(workshop().load(reader, folder.path()).loaded == kCards);
  const std::size_t used = reader.at;
  const StationTotals again = workshop().load(reader, folder.path());
  CHECK(again.before == kCards);
  CHECK(again.loaded == 0);
  CHECK(again.stopped_because.empty());
  CHECK(reader.at == used);
}

#include "kpd/station/card_books.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <thread>

#include "kpd/exit_code.h"
#include "kpd/station/station.h"
#include "test/unit/support/temp_folder.h"

namespace kpd {
namespace {

const BookedFile kFile{std::string(64, 'A'), std::string(32, '1')};

CardEntry entry(std::uint64_t card, CardState state) {
  return {card, "R" + std::to_string(card), state, 1, "0102030405060708090A", "reader", "", {}};
}

TEST_CASE("Books remember what was written, in the file's order") {
  const kpd_test::TempFolder folder;
  {
    CardBooks books(folder.path() / "books", kFile);
    books.write_soon(entry(5, CardState::done));
    books.write(entry(2, CardState::failed));
    books.write_soon(entry(2, CardState::done));
    books.flush();
    CHECK(books.state(2) == CardState::done);
    CHECK(books.state(3) == CardState::untouched);
  }
  const BooksView view = read_books(folder.path() / "books", kFile, std::nullopt, 10);
  REQUIRE(view.entries.size() == 2);
  CHECK(view.entries[0].card == 2);
  CHECK(view.entries[1].record == "R5");
  CHECK(view.counts.done == 2);
  CHECK(view.counts.failed == 0);
  CHECK(read_books(folder.path() / "books", kFile, CardState::doubt, 10).entries.empty());
  CHECK(read_books(folder.path() / "books", {std::string(64, 'B'), ""}, {}, 10).counts.done == 0);
}

TEST_CASE("A card that was begun when its program was killed is in doubt") {
  const kpd_test::TempFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    CardBooks books(folder.path(), kFile);
    books.write(entry(0, CardState::begun));
    books.write(entry(1, CardState::begun));
    books.write(entry(1, CardState::done));
    raise(SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  CardBooks books(folder.path(), kFile);
  CHECK(books.state(0) == CardState::doubt);
  CHECK(books.state(1) == CardState::done);
  CHECK(books.entry(0)->chip == "0102030405060708090A");
  CHECK(books.counts().doubt == 1);
}

TEST_CASE("One process at a time has the books of a file") {
  const kpd_test::TempFolder folder;
  const CardBooks books(folder.path(), kFile);
  const auto second = [&] { const CardBooks other(folder.path(), kFile); };
  CHECK_THROWS_AS(second(), Failure);
  CHECK_NOTHROW(CardBooks(folder.path(), {std::string(64, 'B'), ""}));
  CHECK(read_books(folder.path(), kFile, std::nullopt, 1).entries.empty());
}

TEST_CASE("Many stations write at once") {
  const kpd_test::TempFolder folder;
  CardBooks books(folder.path(), kFile);
  constexpr std::uint64_t kStations = 8, kCards = 50;
  std::vector<std::thread> stations;
  for (std::uint64_t station = 0; station < kStations; ++station)
    stations.emplace_back([&, station] {
      for (std::uint64_t card = 0; card < kCards; ++card) {
        books.write(entry(station * kCards + card, CardState::begun));
        books.write_soon(entry(station * kCards + card, CardState::done));
      }
    });
  for (std::thread& station : stations) station.join();
  books.flush();
  CHECK(books.counts().done == kStations * kCards);
  CHECK(books.counts().begun == 0);
}

TEST_CASE("A book that cannot be written says so to its station") {
  const kpd_test::TempFolder folder;
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{128 * 1024, 128 * 1024};
    setrlimit(RLIMIT_FSIZE, &limit);
    int code = 1;
    try {
      CardBooks books(folder.path(), kFile);
      for (std::uint64_t card = 0; card < 5000; ++card) books.write(entry(card, CardState::begun));
    } catch (const Failure& failure) {
      code = failure.code() == ExitCode::io ? 0 : 2;
    }
    _exit(code);
  }
  int status = 0;
  waitpid(child, &status, 0);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("What a visit leaves") {
  using cps::LoadOutcome;
  const auto after = [](LoadOutcome outcome, bool begun) {
    cps::LoadResult result;
    result.outcome = outcome;
    return state_after(result, begun);
  };
  CHECK(after(LoadOutcome::done, true) == CardState::done);
  CHECK(after(LoadOutcome::card_lost, false) == CardState::untouched);
  CHECK(after(LoadOutcome::card_lost, true) == CardState::doubt);
  CHECK(after(LoadOutcome::reader_broken, true) == CardState::doubt);
  CHECK(after(LoadOutcome::refused, true) == CardState::failed);
  CHECK(after(LoadOutcome::already_personalised, false) == CardState::untouched);
  CHECK(after(LoadOutcome::script_failed, true) == CardState::failed);
}

TEST_CASE("What is made again") {
  const Remake nothing;
  CHECK_FALSE(nothing.covers(entry(1, CardState::failed)));
  Remake failed;
  failed.failed = true;
  CHECK(failed.covers(entry(1, CardState::failed)));
  CHECK_FALSE(failed.covers(entry(1, CardState::doubt)));
  CHECK_FALSE(failed.covers(entry(1, CardState::done)));
  Remake named;
  named.records = {"R1"};
  CHECK(named.covers(entry(1, CardState::done)));
  CHECK_FALSE(named.covers(entry(2, CardState::doubt)));
}

}  // namespace
}  // namespace kpd

// Steps of a held reader are taken once; a reader has one holder.
#include <catch2/catch.hpp>
#include <future>

#include "kpd/remote/lease_book.h"
#include "kpd/remote/step_on_slot.h"
#include "test/unit/support/memory_slot.h"

namespace kpd {
namespace {

using kpd_test::MemoryReader;
using kpd_test::MemorySlot;
using kpd_test::numbered_command;
using namespace std::chrono_literals;

remote::StepRequest transmit(std::uint64_t number, std::uint8_t command) {
  remote::StepRequest request;
  request.set_number(number);
  const auto bytes = numbered_command(command);
  request.mutable_transmit()->set_command(emvcrypto::as_text(bytes).data(), bytes.size());
  request.mutable_transmit()->set_milliseconds(1000);
  return request;
}

HeldSlot held(MemoryReader& reader) {
  return HeldSlot(std::make_unique<MemorySlot>(reader));
}

/// A latch that a command waits at.
struct Gate {
  std::promise<void> reached, open;
  void pass() {
    reached.set_value();
    open.get_future().wait();
  }
};

TEST_CASE("a repeated step gives the kept answer and is not executed again") {
  MemoryReader reader;
  HeldSlot slot = held(reader);
  const auto first = slot.step(transmit(1, 7));
  CHECK(first.kind() == remote::StepAnswer::ANSWERED);
  CHECK(slot.step(transmit(1, 7)).SerializeAsString() == first.SerializeAsString());
  CHECK(slot.step(transmit(2, 8)).number() == 2);
  CHECK(reader.executed() == std::vector{numbered_command(7), numbered_command(8)});
}

TEST_CASE("a step out of turn, or another one under an old number, reaches no card") {
  MemoryReader reader;
  HeldSlot slot = held(reader);
  CHECK_THROWS_AS(slot.step(transmit(0, 1)), WrongStep);
  CHECK_THROWS_AS(slot.step(transmit(2, 1)), WrongStep);
  slot.step(transmit(1, 1));
  slot.step(transmit(2, 2));
  CHECK_THROWS_AS(slot.step(transmit(1, 1)), WrongStep);
  CHECK_THROWS_AS(slot.step(transmit(4, 1)), WrongStep);
  CHECK_THROWS_AS(slot.step(transmit(2, 9)), WrongStep);
  CHECK(reader.executed().size() == 2);
}

TEST_CASE("a repeat waits for the step that still runs") {
  MemoryReader reader;
  Gate gate;
  reader.on_command = [&](std::size_t) { gate.pass(); };
  HeldSlot slot = held(reader);
  auto first = std::async(std::launch::async, [&] { return slot.step(transmit(1, 1)); });
  gate.reached.get_future().wait();
  auto again = std::async(std::launch::async, [&] { return slot.step(transmit(1, 1)); });
  CHECK(again.wait_for(50ms) == std::future_status::timeout);
  CHECK_FALSE(slot.close(10ms));
  gate.open.set_value();
  CHECK(again.get().SerializeAsString() == first.get().SerializeAsString());
  CHECK(reader.executed().size() == 1);
}

TEST_CASE("what a slot throws is an answer, and a step out of bounds is none") {
  MemoryReader reader;
  reader.gone = true;
  HeldSlot slot = held(reader);
  remote::StepRequest wait;
  wait.set_number(1);
  wait.mutable_wait_for_card()->set_milliseconds(100);
  CHECK(slot.step(wait).kind() == remote::StepAnswer::GONE);
  CHECK(slot.step(transmit(2, 1)).kind() == remote::StepAnswer::BROKEN);

  remote::StepRequest bad;
  bad.set_number(3);
  CHECK_THROWS_AS(slot.step(bad), BadStep);
  bad.mutable_wait_for_removal()->set_milliseconds(3'600'000);
  CHECK_THROWS_AS(slot.step(bad), BadStep);
  bad.mutable_transmit()->set_command("abc");
  CHECK_THROWS_AS(slot.step(bad), BadStep);
  bad.mutable_transmit()->set_command(std::string(kMostCommandBytes + 1, 'x'));
  CHECK_THROWS_AS(slot.step(bad), BadStep);
}

TEST_CASE("answers that a step cannot have are known") {
  const auto request = transmit(5, 1);
  remote::StepAnswer answer;
  answer.set_number(5);
  CHECK_FALSE(fits(answer, request));
  answer.set_kind(remote::StepAnswer::ANSWERED);
  CHECK(fits(answer, request));
  answer.set_response(std::string(kMostResponseBytes + 1, 'x'));
  CHECK_FALSE(fits(answer, request));
  answer.set_response("xx");
  answer.set_number(4);
  CHECK_FALSE(fits(answer, request));
  answer.set_number(5);
  answer.set_kind(remote::StepAnswer::LOST);
  CHECK_FALSE(fits(answer, request));
  answer.clear_response();
  CHECK(fits(answer, request));
  answer.set_kind(remote::StepAnswer::YES);
  CHECK_FALSE(fits(answer, request));
}

TEST_CASE("texts of the other side cannot steer a terminal") {
  CHECK(told_text("a\x1b[2Jb\n\xc3\xa4") == "a?[2Jb???");
  CHECK(told_text(std::string(5000, 'x')).size() == kMostDetailBytes);
}

/// A book over one reader, with a clock of its own.
struct Book {
  MemoryReader reader;
  std::chrono::steady_clock::time_point now{};
  std::vector<std::string> events;
  LeaseBook leases{{{kpd_test::memory_place("R", reader)},
                    60s,
                    [this](const std::string& line) { events.push_back(line); },
                    [this] { return now; }}};
  std::string take(const std::string& client) {
    return leases.acquire("R", client, "who-" + client);
  }
  remote::StepAnswer step(const std::string& lease, std::uint64_t number) {
    auto request = transmit(number, static_cast<std::uint8_t>(number));
    request.set_lease(lease);
    return leases.step(request);
  }
};

TEST_CASE("a reader that is held is refused, and who holds it is said") {
  Book book;
  const auto lease = book.take("a");
  book.now += 59s;
  CHECK_THROWS_WITH(book.take("b"), Catch::Contains("held by who-a, idle for 59 s") &&
                                        Catch::Contains("after 60 s"));
  book.step(lease, 1);
  book.now += 59s;
  CHECK_THROWS_AS(book.take("b"), LeaseRefused);
  CHECK_THROWS_AS(book.leases.acquire("S", "b", "b"), LeaseRefused);
}

TEST_CASE("an idle reader changes hands, closed in between, and its former holder is out") {
  Book book;
  const auto former = book.take("a");
  book.step(former, 1);
  book.now += 60s;
  const auto lease = book.take("b");
  CHECK(book.reader.closed == 1);
  CHECK(book.reader.opened == 2);
  CHECK_THROWS_AS(book.step(former, 2), LeaseEnded);
  book.leases.release(former);
  CHECK(book.step(lease, 1).number() == 1);
  REQUIRE(book.events.size() == 2);
  CHECK(book.events[1] == "R: taken over by who-b from who-a, idle for 60 s");
}

TEST_CASE("a reader with a command in the card is not idle, however long that takes") {
  Book book;
  const auto lease = book.take("a");
  Gate gate;
  book.reader.on_command = [&](std::size_t) { gate.pass(); };
  auto running = std::async(std::launch::async, [&] { return book.step(lease, 1); });
  gate.reached.get_future().wait();
  book.now += 3600s;
  CHECK_THROWS_AS(book.take("b"), LeaseRefused);
  gate.open.set_value();
  running.get();
}

TEST_CASE("a client that asks again gets a fresh lease, and what is let go is free") {
  Book book;
  const auto first = book.take("a"), second = book.take("a");
  CHECK(first != second);
  CHECK_THROWS_AS(book.step(first, 1), LeaseEnded);
  book.step(second, 1);
  book.leases.release(second);
  CHECK(book.reader.closed == book.reader.opened);
  CHECK_NOTHROW(book.take("b"));
}

TEST_CASE("a reader that cannot be opened stays free") {
  int tries = 0;
  LeaseBook leases({{{"R", [&]() -> std::unique_ptr<cps::Slot> {
                        ++tries;
                        throw cps::SlotGone("no service");
                      }}}});
  CHECK_THROWS_WITH(leases.acquire("R", "a", "a"), "no service");
  CHECK_THROWS_WITH(leases.acquire("R", "b", "b"), "no service");
  CHECK(tries == 2);
}

}  // namespace
}  // namespace kpd

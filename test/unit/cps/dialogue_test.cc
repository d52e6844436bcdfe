#include "cps/dialogue.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "test/unit/cps/scripted_card.h"

using namespace cps;
using namespace std::chrono_literals;
using cps::test::ScriptedCard;

namespace {

const Command kOne{0x00, 0x01, 0x00, 0x00, {}, {}};

// Asks `count` times and returns the sum of the answers' first bytes.
Dialogue<int> ask(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    const Response response = co_await send(kOne);
    if (response.kind != Response::Kind::answered) throw std::runtime_error("no answer");
    sum += response.bytes.at(0);
  }
  co_return sum;
}

// Asks through so many levels.
Dialogue<int> ask_below(int levels, int count) {
  if (levels == 0) {
    auto inner = ask(count);
    const int sum = co_await inner;
    co_return sum;
  }
  auto inner = ask_below(levels - 1, count);
  const int sum = co_await inner;
  co_return sum;
}

// Falls back to -1 when the inner dialogue throws, then asks once more.
Dialogue<int> forgiving() {
  int sum = 0;
  try {
    auto inner = ask_below(3, 2);
    sum = co_await inner;
  } catch (const std::runtime_error&) {
    sum = -1;
  }
  auto again = ask(1);
  const int more = co_await again;
  co_return sum * 100 + more;
}

// Counts how many of it live.
struct Guard {
  explicit Guard(int& count) : living(count) { ++living; }
  ~Guard() { --living; }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  int& living;
};

Dialogue<int> guarded(int& living, int levels) {
  const Guard guard(living);
  if (levels > 0) {
    auto inner = guarded(living, levels - 1);
    const int result = co_await inner;
    co_return result;
  }
  auto inner = ask(1);
  const int result = co_await inner;
  co_return result;
}

int run(Dialogue<int> dialogue, std::vector<ScriptedCard::Line> script) {
  ScriptedCard card(std::move(script));
  const int result = drive(std::move(dialogue), card, 1s);
  CHECK(card.finished());
  return result;
}

}  // namespace

TEST_CASE("a dialogue without a command ends at once") {
  CHECK(run(ask(0), {}) == 0);
}

TEST_CASE("a dialogue gets each answer where it asked") {
  CHECK(run(ask(3), {{"00010000", "019000"}, {"00010000", "029000"}, {"00010000", "049000"}}) == 7);
}

TEST_CASE("dialogues nest to any depth") {
  CHECK(run(ask_below(50, 2), {{"", "019000"}, {"", "029000"}}) == 3);
  CHECK(run(ask_below(50, 0), {}) == 0);
}

TEST_CASE("what an inner dialogue throws comes out of the outer one") {
  ScriptedCard card({{"", "019000"}, {"", "lost"}});
  CHECK_THROWS_WITH(drive(ask_below(10, 2), card, 1s), "no answer");
}

TEST_CASE("an outer dialogue may catch what an inner one throws and go on") {
  CHECK(run(forgiving(), {{"", "019000"}, {"", "broken"}, {"", "059000"}}) == -95);
  CHECK(run(forgiving(), {{"", "019000"}, {"", "019000"}, {"", "059000"}}) == 205);
}

TEST_CASE("a dialogue given up in the middle leaves nothing behind") {
  int living = 0;
  {
    Dialogue<int> dialogue = guarded(living, 5);
    CHECK(living == 0);
    dialogue.start();
    CHECK(living == 6);
    CHECK_FALSE(dialogue.done());
    CHECK(emvcrypto::to_hex(dialogue.command()) == "00010000");
  }
  CHECK(living == 0);
}

TEST_CASE("a dialogue may be moved between its commands") {
  Dialogue<int> first = ask_below(2, 2);
  first.start();
  first.answer({Response::Kind::answered, {1, 0x90, 0}, ""});
  Dialogue<int> second = std::move(first);
  second.answer({Response::Kind::answered, {2, 0x90, 0}, ""});
  REQUIRE(second.done());
  CHECK(second.take() == 3);
}

#include "kpd/intake/side_index.h"

#include <catch2/catch.hpp>

using emvcrypto::as_bytes;
using emvcrypto::Bytes;
using kpd::SideIndex;

TEST_CASE("an index gives back what was put in") {
  SideIndex index;
  CHECK_FALSE(index.find(as_bytes("a")).has_value());
  CHECK(index.insert(as_bytes("a"), as_bytes("one")));
  CHECK(index.insert(as_bytes("b"), as_bytes("two")));
  CHECK(index.find(as_bytes("a")) == Bytes{'o', 'n', 'e'});
  CHECK(index.find(as_bytes("b")) == Bytes{'t', 'w', 'o'});
  CHECK_FALSE(index.find(as_bytes("c")).has_value());
}

TEST_CASE("an index tells a key that comes again and keeps its first value") {
  SideIndex index;
  CHECK(index.insert(as_bytes("a"), as_bytes("one")));
  CHECK_FALSE(index.insert(as_bytes("a"), as_bytes("two")));
  CHECK_FALSE(index.insert(as_bytes("a")));
  CHECK(index.find(as_bytes("a")) == Bytes{'o', 'n', 'e'});
  // What comes after a refused entry is not disturbed by it.
  CHECK(index.insert(as_bytes("b"), as_bytes("three")));
  CHECK(index.find(as_bytes("b")) == Bytes{'t', 'h', 'r', 'e', 'e'});
}

TEST_CASE("an index keeps every byte of keys and values") {
  SideIndex index;
  const Bytes zeros(5, 0), key{0, 1, 0}, longer{0, 1, 0, 0};
  CHECK(index.insert(key, zeros));
  CHECK(index.insert(longer, Bytes{0}));
  CHECK(index.insert({}, as_bytes("under the empty key")));
  CHECK(index.insert(as_bytes("empty")));
  CHECK(index.find(key) == zeros);
  CHECK(index.find(longer) == Bytes{0});
  CHECK(index.find({})->size() == 19);
  CHECK(index.find(as_bytes("empty")) == Bytes{});
  Bytes large(300'000);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 7);
  CHECK(index.insert(as_bytes("large"), large));
  CHECK(index.find(as_bytes("large")) == large);
}

TEST_CASE("two indexes know nothing of each other") {
  SideIndex first, second;
  CHECK(first.insert(as_bytes("a"), as_bytes("one")));
  CHECK_FALSE(second.find(as_bytes("a")).has_value());
  CHECK(second.insert(as_bytes("a"), as_bytes("two")));
  CHECK(first.find(as_bytes("a")) == Bytes{'o', 'n', 'e'});
}

TEST_CASE("an index holds a large batch") {
  constexpr std::size_t kCount = 100'000;
  SideIndex index;
  const auto key = [](std::size_t i) { return "client-" + std::to_string(i); };
  std::size_t inserted = 0, again = 0, found = 0;
  for (std::size_t i = 0; i < kCount; ++i)
    inserted += index.insert(as_bytes(key(i)), as_bytes("value of " + key(i))) ? 1 : 0;
  for (std::size_t i = 0; i < kCount; i += 97) {
    again += index.insert(as_bytes(key(i)), as_bytes("other")) ? 1 : 0;
    const auto value = index.find(as_bytes(key(i)));
    found += value && emvcrypto::as_text(*value) == "value of " + key(i) ? 1 : 0;
  }
  CHECK(inserted == kCount);
  CHECK(again == 0);
  CHECK(found == (kCount + 96) / 97);
  CHECK_FALSE(index.find(as_bytes(key(kCount))).has_value());
}

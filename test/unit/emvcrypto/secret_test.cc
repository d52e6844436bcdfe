#include "emvcrypto/secret.h"

#include <catch2/catch.hpp>
#include <type_traits>

using namespace emvcrypto;

TEST_CASE("a secret is never copied by accident") {
  CHECK_FALSE(std::is_copy_constructible_v<Secret>);
  CHECK_FALSE(std::is_copy_assignable_v<Secret>);
  CHECK(std::is_nothrow_move_constructible_v<Secret>);
}

TEST_CASE("secrets compare by content and length") {
  const Secret secret(Bytes{1, 2, 3});
  CHECK(secret.equals(Secret(Bytes{1, 2, 3})));
  CHECK_FALSE(secret.equals(Secret(Bytes{1, 2, 4})));
  CHECK_FALSE(secret.equals(Secret(Bytes{1, 2})));
  CHECK(Secret().equals(Secret()));
}

TEST_CASE("a duplicate lives on its own") {
  Secret secret(Bytes{1, 2, 3});
  const Secret second = secret.duplicate();
  secret.expose_mutable()[0] = 9;
  CHECK(second.expose()[0] == 1);
}

TEST_CASE("a wiped secret is empty") {
  Secret secret(Bytes{1, 2, 3});
  secret.wipe();
  CHECK(secret.empty());
  CHECK(Secret(std::size_t{4}).size() == 4);
}

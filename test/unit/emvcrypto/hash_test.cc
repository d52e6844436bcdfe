#include "emvcrypto/hash.h"

#include <catch2/catch.hpp>

using namespace emvcrypto;

TEST_CASE("digests are those of FIPS 180-4") {
  CHECK(to_hex(sha1({as_bytes("abc")})) == "A9993E364706816ABA3E25717850C26C9CD0D89D");
  CHECK(to_hex(sha256({as_bytes("abc")})) ==
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
  CHECK(to_hex(sha1({})) == "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709");
}

TEST_CASE("parts and pieces give the digest of the whole") {
  CHECK(sha1({as_bytes("a"), as_bytes(""), as_bytes("bc")}) == sha1({as_bytes("abc")}));
  Sha256 pieces;
  pieces.update(as_bytes("ab"));
  pieces.update(as_bytes("c"));
  CHECK(pieces.finish() == sha256({as_bytes("abc")}));
  CHECK(pieces.finish() == sha256({}));
}

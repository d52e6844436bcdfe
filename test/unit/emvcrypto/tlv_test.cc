#include "emvcrypto/tlv.h"

#include <catch2/catch.hpp>

using namespace emvcrypto;

TEST_CASE("tags have the size and the name of their bytes") {
  CHECK(tag_size(0x5A) == 1);
  CHECK(tag_size(0x9F46) == 2);
  CHECK(tag_size(0xDF8101) == 3);
  CHECK(tag_size(0xDF818101) == 4);
  CHECK(tag_bytes(0x9F46) == Bytes{0x9F, 0x46});
  CHECK(tag_name(0xBF0C) == "BF0C");
}

TEST_CASE("constructed tags are known by bit 6 of their first byte") {
  for (Tag tag : {0x70U, 0x6FU, 0xA5U, 0xBF0CU, 0x7F60U}) CHECK(is_constructed(tag));
  for (Tag tag : {0x5AU, 0x9F46U, 0x82U, 0xDF8101U}) CHECK_FALSE(is_constructed(tag));
}

TEST_CASE("a tag is read from exactly its hexadecimal digits") {
  CHECK(parse_tag("5A") == Tag{0x5A});
  CHECK(parse_tag("9f46") == Tag{0x9F46});
  CHECK(parse_tag("DF8101") == Tag{0xDF8101});
  for (const char* text : {"", "5", "5A00", "9F", "9F81", "DF", "9F46 ", "00", "xyz1"}) {
    INFO(text);
    CHECK_FALSE(parse_tag(text));
  }
}

TEST_CASE("lengths take the fewest bytes") {
  const auto encoded = [](std::size_t length) {
    Bytes bytes;
    append_length(bytes, length);
    return to_hex(bytes);
  };
  CHECK(encoded(0) == "00");
  CHECK(encoded(127) == "7F");
  CHECK(encoded(128) == "8180");
  CHECK(encoded(255) == "81FF");
  CHECK(encoded(256) == "820100");
  CHECK(encoded(65535) == "82FFFF");
  CHECK(encoded(65536) == "83010000");
}

TEST_CASE("an object is read with all its parts") {
  const Bytes input = from_hex("9F36020001FF");
  ByteView rest = input;
  const auto object = next_tlv(rest);
  REQUIRE(object);
  CHECK(object->tag == 0x9F36);
  CHECK(to_hex(object->value) == "0001");
  CHECK(to_hex(object->whole) == "9F36020001");
  CHECK(to_hex(rest) == "FF");
}

TEST_CASE("malformed objects are refused and the input stays") {
  for (const char* text : {"", "5A", "9F", "9F81", "5A02AA", "5A80AABB0000", "5A81", "5A8201",
                           "5A8400000000", "9F8181818101AA", "5A83FFFFFF"}) {
    INFO(text);
    const Bytes input = from_hex(text);
    ByteView rest = input;
    CHECK_FALSE(next_tlv(rest));
    CHECK(rest.size() == input.size());
  }
}

TEST_CASE("padding between objects is skipped") {
  const auto objects = parse_tlv_list(from_hex("0000500141FF00870101FFFF"));
  REQUIRE(objects);
  REQUIRE(objects->size() == 2);
  CHECK((*objects)[0].tag == 0x50);
  CHECK((*objects)[1].tag == 0x87);
  CHECK(parse_tlv_list(Bytes{})->empty());
  CHECK_FALSE(parse_tlv_list(from_hex("5001418701")));
}

TEST_CASE("a record's tree is opened to its leaves") {
  const auto tree = parse_tlv_tree(from_hex("6F0C8402A000A5065001418701015F"));
  CHECK_FALSE(tree);
  const auto good = parse_tlv_tree(from_hex("6F0C8402A000A506500141870101"));
  REQUIRE(good);
  REQUIRE(good->size() == 1);
  REQUIRE(good->at(0).children.size() == 2);
  CHECK(good->at(0).children[1].children[1].tag == 0x87);
}

TEST_CASE("trees deeper than eight levels are refused") {
  const auto nested = [](int levels) {
    Bytes object = from_hex("5000");
    for (int i = 0; i < levels; ++i) object = make_tlv(0x70, object);
    return object;
  };
  CHECK(parse_tlv_tree(nested(8)));
  CHECK_FALSE(parse_tlv_tree(nested(9)));
  CHECK(find_tlv(nested(8), 0x50));
  CHECK_FALSE(find_tlv(nested(9), 0x50));
}

TEST_CASE("an object is found wherever it stands in the tree") {
  const Bytes fci = from_hex("6F0C8402A000A506500141870101");
  CHECK(to_hex(find_tlv(fci, 0x87).value()) == "01");
  CHECK(to_hex(find_tlv(fci, 0xA5).value()) == "500141870101");
  CHECK_FALSE(find_tlv(fci, 0x5A));
}

TEST_CASE("a data object list is pairs of tag and length") {
  const auto entries = parse_dol(from_hex("9F020695059A03"));
  REQUIRE(entries);
  CHECK(*entries == std::vector<DolEntry>{{0x9F02, 6}, {0x95, 5}, {0x9A, 3}});
  CHECK(parse_dol(Bytes{})->empty());
  for (const char* text : {"95", "9F", "9F02", "9F020695"}) CHECK_FALSE(parse_dol(from_hex(text)));
}

#include "emvcrypto/tags.h"

#include <catch2/catch.hpp>
#include <set>

using namespace emvcrypto;

TEST_CASE("every tag stands once, in order, with lengths that make sense") {
  Tag last = 0;
  for (const TagInfo& info : tag_dictionary()) {
    INFO(tag_name(info.tag));
    CHECK(info.tag > last);
    last = info.tag;
    CHECK(parse_tag(tag_name(info.tag)) == info.tag);
    CHECK(info.min_length <= info.max_length);
    CHECK_FALSE(info.name.empty());
    CHECK(find_tag_info(info.tag) == &info);
    CHECK(is_constructed(info.tag) == (info.format == Format::template_));
  }
}

TEST_CASE("an unknown tag has no entry") {
  CHECK(find_tag_info(0x01) == nullptr);
  CHECK(find_tag_info(0xDFFFFF) == nullptr);
}

TEST_CASE("elements have the format and length of EMV Book 3, Annex A") {
  const auto is = [](Tag tag, Format format, std::size_t min, std::size_t max) {
    const TagInfo* info = find_tag_info(tag);
    INFO(tag_name(tag));
    REQUIRE(info);
    CHECK(info->format == format);
    CHECK(info->min_length == min);
    CHECK(info->max_length == max);
  };
  is(0x5A, Format::compressed_numeric, 1, 10);
  is(0x5F24, Format::numeric, 3, 3);
  is(0x5F34, Format::numeric, 1, 1);
  is(0x5F20, Format::special, 2, 26);
  is(0x82, Format::binary, 2, 2);
  is(0x8C, Format::dol, 1, 252);
  is(0x8E, Format::binary, 10, 252);
  is(0x9F02, Format::numeric, 6, 6);
  is(0x9F10, Format::binary, 1, 32);
  is(0x9F36, Format::binary, 2, 2);
  is(0x5F2D, Format::alphanumeric, 2, 8);
  is(0xBF0C, Format::template_, 0, 222);
}

TEST_CASE("what shows the cardholder or the account is sensitive, nothing else") {
  const std::set<Tag> sensitive = {0x56,   0x57,   0x5A,   0x99,   0x5F20, 0x5F2B, 0x5F35, 0x5F40,
                                   0x5F42, 0x5F43, 0x5F53, 0x9F0B, 0x9F1F, 0x9F20, 0x9F61, 0x9F6B};
  for (const TagInfo& info : tag_dictionary()) {
    INFO(tag_name(info.tag));
    CHECK(info.sensitive == sensitive.contains(info.tag));
  }
}

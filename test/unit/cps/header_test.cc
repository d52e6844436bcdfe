// Headers, trailers and the texts of tags: whatever can be written reads back, and whatever is read
// was written so.
#include <catch2/catch.hpp>

#include "cps/card_json.h"
#include "test/unit/cps/generators.h"

using namespace cps;
using namespace cps::test;

TEST_CASE("every header reads back as it was written") {
  for (const FileFormat format : {FileFormat::cps, FileFormat::tagged, FileFormat::lines})
    KPD_PROPERTY([format] {
      const FileHeader header = some_header(format);
      RC_PRE(format != FileFormat::tagged || layout_mistake(header.tagged).empty());
      const std::string text = header_text(header);
      RC_ASSERT(text.starts_with(kHeaderStart));
      const auto back = parse_header(emvcrypto::as_bytes(text));
      if (!back) RC_LOG() << back.error().reason << '\n' << text;
      RC_ASSERT(back.has_value());
      RC_ASSERT((*back == header));
    });
}

TEST_CASE("a header with any byte changed is refused, or is that other header") {
  KPD_PROPERTY([] {
    std::string text = header_text(some_header(FileFormat::lines));
    text[*gen::inRange<std::size_t>(0, text.size())] = static_cast<char>(*gen::inRange(0x20, 0x7F));
    const auto back = parse_header(emvcrypto::as_bytes(text));
    if (!back) {
      RC_ASSERT(back.error().code == "card-file");
      return;
    }
    const auto again = parse_header(emvcrypto::as_bytes(header_text(*back)));
    RC_ASSERT(again.has_value());
    RC_ASSERT((*again == *back));
  });
}

TEST_CASE("every trailer reads back as it was written") {
  KPD_PROPERTY([] {
    FileTrailer trailer;
    trailer.read = *gen::arbitrary<std::uint64_t>();
    trailer.records = *gen::arbitrary<std::uint64_t>();
    trailer.rejected = *gen::arbitrary<std::uint64_t>();
    trailer.digest = *text_of(9);
    trailer.mac = *bytes_of(0, 8);
    const auto back = parse_trailer(emvcrypto::as_bytes(trailer_text(trailer)));
    RC_ASSERT(back.has_value());
    RC_ASSERT((*back == trailer));
  });
}

TEST_CASE(
    "any tags inside tags read back from their text, and any text is one of tags or a fault") {
  KPD_PROPERTY([] {
    const auto trees = some_trees();
    RC_ASSERT((parse_tag_trees(to_text(trees)) == trees));
    const auto text = *gen::container<std::string>(gen::elementOf(std::string("5075F29A(),")));
    const auto read = parse_tag_trees(text);
    if (read) RC_ASSERT(to_text(*read) == text);
  });
}

#include "kpd/source/line_reader.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "kpd/exit_code.h"
#include "kpd/source/limits.h"

namespace {

using Lines = std::vector<std::string>;

kpd::LineReader reader(const std::string& text, const std::string& encoding) {
  return {kpd::Input("lines", std::make_unique<std::istringstream>(text)), encoding};
}

/// The lines; of a fault its code in brackets.
Lines lines(const std::string& text, const std::string& encoding = "UTF-8") {
  auto in = reader(text, encoding);
  Lines all;
  while (auto line = in.next())
    all.push_back(line->text ? *line->text : "<" + line->text.error().code + ">");
  return all;
}

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (int value : values) text += static_cast<char>(value);
  return text;
}

}  // namespace

TEST_CASE("lines end in LF or CR LF, the last one in nothing") {
  CHECK(lines("").empty());
  CHECK(lines("a\r\nb\n\nc") == Lines{"a", "b", "", "c"});
  CHECK(lines("a\rb\n\r\n") == Lines{"a\rb", ""});
}

TEST_CASE("lines longer than the limit are passed over wherever blocks end") {
  for (std::size_t size : {65535u, 65536u, 65537u, 131072u}) {
    const std::string line(size, 'x');
    CHECK(lines(line + "\n" + line + "\r\nb\n") == Lines{line, line, "b"});
  }
  const std::string longest(kpd::kMaxRecord, 'x');
  CHECK(lines(longest + "\nb\n") == Lines{longest, "b"});
  CHECK(lines(longest + "x\nb\n") == Lines{"<record-size>", "b"});
  CHECK(lines(longest + longest + longest) == Lines{"<record-size>"});
}

TEST_CASE("UTF-16 comes by its byte order mark or by its name") {
  const std::string little = bytes({'a', 0, '\n', 0, 0x0A, 0x0A, 'b', 0, '\r', 0, '\n', 0});
  const std::string big = bytes({0, 'a', 0, '\n', 0x0A, 0x0A, 0, 'b', 0, '\r', 0, '\n'});
  const Lines expected{"a",
                       "\xE0\xA8\x8A"
                       "b"};
  CHECK(lines(little, "UTF-16LE") == expected);
  CHECK(lines(big, "utf-16be") == expected);
  CHECK(lines("\xFF\xFE" + little, "UTF-16") == expected);
  CHECK(lines("\xFE\xFF" + big, "utf-16") == expected);
  CHECK(lines("\xFF\xFE" + little, "UTF-16LE") == expected);
  CHECK_THROWS_AS(reader(little, "UTF-16"), kpd::Failure);
  CHECK_THROWS_AS(reader("", "UTF-16"), kpd::Failure);
  // Half a unit, half a pair.
  CHECK(lines(bytes({'a', 0, 'b'}), "UTF-16LE") == Lines{"<encoding>"});
  CHECK(lines(bytes({0x00, 0xD8, '\n', 0, 'b', 0}), "UTF-16LE") == Lines{"<encoding>", "b"});
}

TEST_CASE("EBCDIC lines end as mainframes end them") {
  CHECK(lines(bytes({0xC1, 0xC2, 0x25, 0xC3, 0xF1, 0x15, 0x40}), "cp037") ==
        Lines{"AB", "C1", " "});
  CHECK(lines(bytes({0xC1, 0x0D, 0x25, 0xAD, 0xBD}), "cp1047") == Lines{"A", "[]"});
  CHECK(lines(bytes({0x4A, 0x25}), "IBM1141") == Lines{"Ä"});
}

TEST_CASE("encodings that nobody knows or that hide options are refused") {
  CHECK(kpd::TextDecoder::knows("utf-8"));
  CHECK(kpd::TextDecoder::knows("UTF-16"));
  CHECK(kpd::TextDecoder::knows("iso-8859-15"));
  CHECK_FALSE(kpd::TextDecoder::knows("UTF-8//IGNORE"));
  CHECK_FALSE(kpd::TextDecoder::knows(""));
  CHECK_FALSE(kpd::TextDecoder::knows("latin-99"));
  CHECK_FALSE(kpd::TextDecoder::knows("UNICODE"));  // another name for a mark before every text
  CHECK_THROWS_AS(kpd::TextDecoder("latin-99"), kpd::Failure);
}

TEST_CASE("UTF-8 is what RFC 3629 says") {
  for (const char* text : {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK(kpd::is_utf8(text));
  for (const char* text :
       {"\x80", "\xC1\xBF", "\xC2", "\xC2x", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"})
    CHECK_FALSE(kpd::is_utf8(text));
  CHECK(kpd::utf8_length("aÜ€\xF0\x90\x80\x80") == 4);
}

TEST_CASE("a stateful encoding starts anew on every line") {
  CHECK(lines("\x1B$B$\"\x1B(B\na\n", "ISO-2022-JP") == Lines{"あ", "a"});
  CHECK(lines("\x82\xA0\\\n", "CP932") == Lines{"あ\\"});
}

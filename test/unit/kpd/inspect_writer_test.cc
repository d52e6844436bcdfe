#include <catch2/catch.hpp>
#include <sstream>

#include "kpd/inspect/writer.h"

using namespace kpd::inspect;

namespace {

std::string text_of(const Node& node, const TextStyle& style) {
  std::ostringstream out;
  make_text_writer(out, style)->section(node);
  return out.str();
}

}  // namespace

TEST_CASE("inspect: nothing in a file can command a terminal") {
  CHECK(printable("plain text") == "plain text");
  CHECK(printable("\033[2J\a\x7F\n") == "\\x1B[2J\\x07\\x7F\\x0A");
  CHECK(printable("M\xC3\xBCller") == "M\xC3\xBCller");
  CHECK(printable("M\xFCller") == "M\\xFCller");
  CHECK(printable("\xC2\x9B"
                  "2J") == "\\xC2\\x9B2J");                                 // C1 control
  CHECK(printable("\xC1\x81\xE0\x80\x80") == "\\xC1\\x81\\xE0\\x80\\x80");  // overlong
  CHECK(printable("\xED\xA0\x80") == "\\xED\\xA0\\x80");                    // surrogate
  CHECK(printable("\xE2\x82") == "\\xE2\\x82");                             // cut
  Node node = branch("record", "\033[31m", "\033[32m");
  node.add(field("\033a", "", "\033b", "\033c"));
  CHECK(text_of(node, {}).find('\033') == std::string::npos);
}

TEST_CASE("inspect: siblings stand in columns, without blanks at the end") {
  Node node = branch("x", "", "Top");
  node.add(field("a", "", "1"));
  node.add(field("bcd", "", "22", "aside"));
  node.add(branch("x", "e", ""));
  CHECK(text_of(node, {}) == "Top\n  a    1\n  bcd  22  aside\n  e\n");
}

TEST_CASE("inspect: long values wrap on a terminal and stay whole in a pipe") {
  Node node = branch("x", "", "Top");
  node.add(field("90", "", std::string(100, 'A'), "aside"));
  CHECK(text_of(node, {}) == "Top\n  90  " + std::string(100, 'A') + "  aside\n");
  CHECK(text_of(node, {false, 60}) == "Top\n  90  " + std::string(48, 'A') + "\n      " +
                                          std::string(52, 'A') + "\n      aside\n");
  CHECK(text_of(node, {false, 5}).find("\n      " + std::string(32, 'A')) != std::string::npos);
}

TEST_CASE("inspect: words wrap at blanks") {
  Node node = branch("x", "", "Top");
  node.add(field("a", "", "one two three four five six seven eight nine ten"));
  CHECK(text_of(node, {false, 40}) ==
        "Top\n  a  one two three four five six seven\n     eight nine ten\n");
}

TEST_CASE("inspect: colours come only when they are asked for") {
  Node node = branch("x", "", "Top");
  node.add(field("a", "", "1")).mood = Node::Mood::warning;
  CHECK(text_of(node, {}).find('\033') == std::string::npos);
  CHECK(text_of(node, {true, 0}) == "\033[1mTop\033[0m\n  \033[36ma\033[0m  \033[33m1\033[0m\n");
}

TEST_CASE("inspect: a tree that ends in an exception is ended with its reason") {
  std::ostringstream out;
  const auto writer = make_json_writer(out);
  CHECK_THROWS_AS(write_tree(*writer, "tlv", [] { throw std::runtime_error("cut \"here\""); }),
                  std::runtime_error);
  CHECK(out.str() ==
        "{\"kind\":\"tlv\",\"children\":[\n],\"intact\":false,\"fault\":\"cut \\\"here\\\"\"}\n");
}

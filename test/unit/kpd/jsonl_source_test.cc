#include <catch2/catch.hpp>

#include "kpd/source/limits.h"
#include "test/unit/kpd/source_rows.h"

namespace {

using namespace kpd_test;

kpd::SourcePlan plan(const Columns& paths) {
  kpd::SourcePlan plan;
  plan.format = kpd::SourcePlan::Format::jsonl;
  for (const std::string& path : paths) plan.columns.push_back({"column " + path, path, 0, 0});
  return plan;
}

/// What one line gives for column "a".
Rows a(const std::string& json) {
  return rows_of(plan({"a"}), json);
}

}  // namespace

TEST_CASE("JSON lines give their columns by key, in the job's order") {
  const auto source = open_text(plan({"b", "a"}), R"({"a": "1", "b": "2", "c": [3]})");
  CHECK(source->columns() == Columns{"column b", "column a"});
  CHECK(all_rows(*source) == Rows{good(1, {"2", "1"})});
  CHECK(rows_of(plan({"a", "b"}), "{\"b\":\"1\"}\r\n\n{}\n{\"a\":null}") ==
        Rows{good(1, {"", "1"}), good(3, {"", ""}), good(4, {"", ""})});
}

TEST_CASE("JSON paths lead into objects and lists") {
  CHECK(rows_of(plan({"holder.name", "cards.1.pan", "cards.2.0"}),
                R"({"holder":{"name":"A"},"cards":[{"pan":"1"},{"pan":"2"},["x"]],"name":"B"})") ==
        Rows{good(1, {"A", "2", "x"})});
  CHECK(rows_of(plan({"a", "a.0", "b"}), R"({"a":[1],"b":2})") == Rows{bad(1, "nested")});
  CHECK(a(R"({"a":{"b":1}})") == Rows{bad(1, "nested")});
}

TEST_CASE("JSON numbers keep their digits") {
  for (const char* number :
       {"0", "-0", "-1", "4761739001010010", "9223372036854775808", "18446744073709551616",
        "123456789012345678901234567890", "-9223372036854775809", "1e5", "1.50", "0.1000", "1E+2"})
    CHECK(a(std::string("{\"a\":") + number + "}") == Rows{good(1, {number})});
  CHECK(a(R"({"a":true})") == Rows{good(1, {"true"})});
  CHECK(a(R"({"a":false})") == Rows{good(1, {"false"})});
}

TEST_CASE("JSON texts come in UTF-8") {
  CHECK(a(R"({"a":"\u00dc\ud83d\ude00\n\/"})") == Rows{good(1, {"Ü😀\n/"})});
  CHECK(a(R"({"a":"\u0000"})") == Rows{bad(1, "nul")});
  CHECK(a(R"({"a":"\ud83d"})") == Rows{bad(1, "json")});
  CHECK(a("{\"a\":\"\xFF\"}") == Rows{bad(1, "encoding")});
}

TEST_CASE("what is no JSON object is a fault of its line") {
  for (const char* text : {"{\"a\":0012}", "{\"a\":1", "{\"a\":1}}", "[1]", "1", "\"a\"", "null",
                           "{'a':1}", "{\"a\":1,}", "{\"a\":NaN}", "{a:1}", "x", "{\"a\":1}{}",
                           "{\"a\":1e999}", "{} // more", "   "})
    CHECK(rows_of(plan({"a"}), std::string(text) + "\n{\"a\":7}\n") ==
          Rows{bad(1, "json"), good(2, {"7"})});
}

TEST_CASE("a JSON key that stands there twice is a fault of its line, wanted or not") {
  CHECK(a(R"({"a":1,"a":1})") == Rows{bad(1, "twice")});
  CHECK(a(R"({"a":1,"b":{"c":1,"c":2}})") == Rows{bad(1, "twice")});
  CHECK(a(R"({"a":1,"b":[{"c":1},{"c":2}]})") == Rows{good(1, {"1"})});
  // Two keys whose path is the same.
  CHECK(rows_of(plan({"a.b"}), R"({"a":{"b":1},"a.b":2})") == Rows{bad(1, "twice")});
}

TEST_CASE("JSON lines have limits of depth and size") {
  const auto deep = [](std::size_t levels) {
    return "{\"a\":1,\"b\":" + times(levels - 1, "[") + times(levels - 1, "]") + "}\n";
  };
  CHECK(a(deep(kpd::kMaxDepth)) == Rows{good(1, {"1"})});
  CHECK(a(deep(kpd::kMaxDepth + 1)) == Rows{bad(1, "depth")});
  CHECK(a(deep(100000) + "{\"a\":2}\n") == Rows{bad(1, "depth"), good(2, {"2"})});
  CHECK(a("{\"a\":\"" + std::string(kpd::kMaxRecord, 'x') + "\"}\n{\"a\":2}\n") ==
        Rows{bad(1, "record-size"), good(2, {"2"})});
}

TEST_CASE("a fault in JSON repeats nothing of the line") {
  const auto source = open_text(plan({"pan"}), "{\"pan\": 4761739001010010x}");
  CHECK(source->next()->columns.error().reason.find("4761") == std::string::npos);
}

#include <catch2/catch.hpp>

#include "kpd/calc/request.h"

using namespace kpd::calc;

namespace {

std::string text_of(const Given& given) {
  return std::string(emvcrypto::as_text(given.text.expose()));
}

std::string fault_of(std::string_view text) {
  const auto requests = parse_requests(text);
  REQUIRE(requests.size() == 1);
  REQUIRE_FALSE(requests[0]);
  CHECK(requests[0].error().code == "usage");
  return requests[0].error().reason;
}

}  // namespace

TEST_CASE("calc: requests are one object, an array or lines") {
  for (const char* text : {"{\"function\": \"aip\",\n \"value\": \"3900\"}",
                           "[{\"function\":\"aip\",\"value\":\"3900\"}]",
                           "\n  {\"function\":\"aip\",\"value\":\"3900\"}\n\n"}) {
    const auto requests = parse_requests(text);
    REQUIRE(requests.size() == 1);
    REQUIRE(requests[0]);
    CHECK(requests[0]->function == "aip");
    CHECK(text_of(requests[0]->values.at("value").at(0)) == "3900");
  }
  CHECK(parse_requests("{\"a\":\"1\"}\n\n{\"a\":\"2\"}\r\n{\"a\":\"3\"}").size() == 3);
  CHECK(parse_requests("[]").empty());
}

TEST_CASE("calc: numbers, switches and lists are values too") {
  const auto requests = parse_requests(R"({"count": 3, "loud": true, "part": ["01", "02"]})");
  const auto& request = requests.at(0);
  REQUIRE(request);
  CHECK(text_of(request->values.at("count").at(0)) == "3");
  CHECK(text_of(request->values.at("loud").at(0)) == "true");
  CHECK(request->values.at("part").size() == 2);
  CHECK(request->values.at("part")[0].in_clear);
}

TEST_CASE("calc: what is no request is told without its values") {
  CHECK(fault_of("") == "this is no JSON from character 1 on");
  CHECK(fault_of("{\"a\": 12") == "this is no JSON from character 9 on");
  CHECK(fault_of("5") == "a JSON object is wanted");
  CHECK(fault_of(R"({"key": "00", "key": "11"})") == "a name stands twice in one object");
  CHECK(fault_of(R"({"a": [[[["1"]]]]})") == "the text is nested too deep");
  CHECK(fault_of(R"({"a": {"b": "1"}})") ==
        "a: a string is wanted (a number, true or false where the parameter is one)");
  CHECK(fault_of(R"({"a": -1})").starts_with("a: a string is wanted"));
  CHECK(fault_of(R"({"a": 1e999})").find("number") != std::string::npos);
  CHECK(fault_of(R"({"0123456789ABCDEF": null})").starts_with("a parameter: a string"));
  CHECK(fault_of(R"({"a": []})") == "a: the list is empty");
  CHECK(fault_of(R"({"function": 1})") == "function: a string is wanted");
}

TEST_CASE("calc: one bad line does not spoil the others") {
  const auto requests = parse_requests("{\"a\":\"1\"}\nnonsense\n{\"a\":\"3\"}");
  REQUIRE(requests.size() == 3);
  CHECK(requests[0]);
  CHECK_FALSE(requests[1]);
  CHECK(requests[2]);
}

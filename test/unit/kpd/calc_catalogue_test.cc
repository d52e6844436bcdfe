#include <catch2/catch.hpp>
#include <set>

#include "calc_test_values.h"

using namespace kpd::calc;

namespace {

template <typename Work>
void for_each_function(const Work& work) {
  for (const Group& group : catalogue())
    for (const Function& function : group.functions) {
      INFO(function.name);
      work(function);
    }
}

bool is_name(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789- ") == std::string_view::npos;
}

}  // namespace

TEST_CASE("calc: every row of the table is sound") {
  std::set<std::string_view> names;
  for_each_function([&](const Function& function) {
    CHECK(names.insert(function.name).second);
    CHECK(is_name(function.name));
    CHECK_FALSE(function.purpose.ends_with('.'));
    std::set<std::string_view> parameters{"in", "json", "help", "clear-test-keys", "show-pan"};
    int positional = 0;
    for (const Parameter& parameter : function.parameters) {
      INFO(parameter.name);
      CHECK(is_name(parameter.name));
      CHECK(parameters.insert(parameter.name).second);
      CHECK(parameter.least <= parameter.most);
      CHECK((parameter.fallback.empty() || !parameter.required));
      positional += parameter.positional ? 1 : 0;
    }
    CHECK(positional <= 1);
  });
}

TEST_CASE("calc: every example holds what is required and works") {
  for_each_function([&](const Function& function) {
    const auto pairs = example_of(function);
    const Answer answer = calculate(function, given(pairs), {true, true});
    CHECK_FALSE(answer.fault);
    CHECK_FALSE(answer.items.members.empty());
    CHECK_FALSE(render_text(answer.items).empty());
  });
}

TEST_CASE("calc: no key that was given comes back, whatever is shown") {
  for_each_function([&](const Function& function) {
    const auto pairs = example_of(function);
    const Answer hidden = calculate(function, given(pairs, false), {false, false});
    const std::string out = render_text(hidden.items) + render_json(function.name, hidden);
    for (const auto& [name, value] : pairs) {
      const auto parameter = std::ranges::find(function.parameters, name, &Parameter::name);
      REQUIRE(parameter != function.parameters.end());
      if (parameter->kind == Kind::key || parameter->kind == Kind::pan)
        CHECK(out.find(value) == std::string::npos);
    }
  });
}

TEST_CASE("calc: without parameters nothing breaks, and what is missing is told") {
  for_each_function([&](const Function& function) {
    const Answer answer = calculate(function, {}, {true, true});
    const bool wants = std::ranges::any_of(function.parameters, &Parameter::required);
    if (wants) {
      REQUIRE(answer.fault);
      CHECK(answer.is_usage());
      CHECK(answer.fault->reason.starts_with("missing: "));
    }
  });
}

TEST_CASE("calc: a function that is unknown is told with a hint") {
  CHECK(find_function("udk").value()->name == "udk");
  CHECK(find_function("tr31 wrp").error().reason.find("did you mean 'tr31 wrap'?") !=
        std::string::npos);
  CHECK(find_function("").error().code == "usage");
}

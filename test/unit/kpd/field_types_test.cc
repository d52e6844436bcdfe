#include "kpd/plan/field_types.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

namespace {

/// The types that the page's table names.
std::vector<std::string> documented_types() {
  std::ifstream page(KPD_SOURCE_DIR "/docs/intake.md");
  std::vector<std::string> names;
  bool in_table = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| type |")) in_table = true;
    if (line.empty()) in_table = false;
    if (in_table && line.starts_with("| `")) names.push_back(line.substr(3, line.find('`', 3) - 3));
  }
  return names;
}

}  // namespace

TEST_CASE("the page on intake has every field type, in the order of the table") {
  std::vector<std::string> names;
  for (const kpd::FieldTypeInfo& info : kpd::field_types()) names.emplace_back(info.name);
  CHECK(documented_types() == names);
}

TEST_CASE("a field type's usual lengths are among those that a job may ask for") {
  std::set<std::string_view> names;
  for (const kpd::FieldTypeInfo& info : kpd::field_types()) {
    CAPTURE(info.name);
    CHECK(names.insert(info.name).second);
    CHECK(kpd::find_field_type(info.name) == &info);
    CHECK(info.shortest <= info.longest);
    CHECK(info.longest <= info.most);
  }
  CHECK(kpd::find_field_type("pam") == nullptr);
}

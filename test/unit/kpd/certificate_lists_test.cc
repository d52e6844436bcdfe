// Plain lists of CA keys.
#include <catch2/catch.hpp>

#include "kpd/certificates/ca_key_list.h"
#include "test/unit/kpd/certificate_sample.h"

using Catch::Matchers::Contains;

namespace {

std::string row_of(const nlohmann::json& vector) {
  const auto text = [&](const char* name) {
    return vector.at("inputs").at(name).get<std::string>();
  };
  return text("RID") + "," + text("index") + "," + text("exponent") + "," + text("modulus") + "," +
         vector.at("expected").at("sha1").get<std::string>() + "\n";
}

constexpr const char* kHead = "rid,index,exponent,modulus,hash\n";

}  // namespace

TEST_CASE("every published key with its hash is taken from a list", "[certificates]") {
  std::string csv = kHead;
  std::size_t count = 0;
  for (const auto& vector : kpd_test::vectors_of("ca_public_keys")) {
    csv += row_of(vector);
    ++count;
  }
  const auto keys = kpd::read_ca_csv(csv, "list.csv");
  CHECK(keys.size() == count);
  const auto again =
      kpd::read_ca_list(kpd::parse_yaml(kpd::ca_list_text(keys), "list.yaml", "ca-key-list"));
  REQUIRE(again.size() == count);
  for (std::size_t i = 0; i < count; ++i) CHECK(again[i].key == keys[i].key);
  CHECK(kpd::ca_csv_text(again) == kpd::ca_csv_text(keys));
}

TEST_CASE("a list with a mistake is refused with its line", "[certificates]") {
  const std::string good = row_of(kpd_test::vectors_of("ca_public_keys")[0]);
  const auto refused = [](const std::string& csv) {
    try {
      (void)kpd::read_ca_csv(csv, "list.csv");
      return std::string("taken");
    } catch (const kpd::ConfigError& error) {
      return std::string(error.what());
    }
  };
  std::string changed = good;
  changed[20] = changed[20] == '0' ? '1' : '0';
  CHECK_THAT(refused(kHead + good + changed), Contains("list.csv:3") && Contains("this hash"));
  CHECK_THAT(refused("rid,index,modulus,hash\n" + good), Contains("no column 'exponent'"));
  CHECK_THAT(refused(std::string(kHead) + "A000000003,01\n"),
             Contains("list.csv:2") && Contains("column 'exponent'"));
  CHECK_THAT(refused(std::string(kHead) + "A0,01,03,00,00\n"),
             Contains("column 'rid': expected 10 hexadecimal digits"));
  CHECK_THAT(refused(kHead), Contains("no key"));
  CHECK_THAT(refused(""), Contains("no key"));
}

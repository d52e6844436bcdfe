#include "cps/store_data.h"

#include <catch2/catch.hpp>

#include "test/unit/cps/generators.h"

using namespace cps;

namespace {

// An application with these DGIs, secret ones (80xx-8Fxx) under one transport key.
Application application_of(std::vector<std::pair<DgiId, std::size_t>> sizes) {
  Application application;
  application.aid = Bytes(7, 0xA0);
  application.steps = {Step{}};
  for (const auto& [id, size] : sizes) {
    application.dgis.push_back({id, Bytes(size, 0x11)});
    if (id < 0x8000 || id >= 0x9000) continue;
    if (application.transport_keys.empty())
      application.transport_keys = {{{'T', 'K', '0', '1'}, 0x20, 0x11, {}}};
    application.transport_keys[0].dgis.push_back(id);
    application.steps[0].instructions.enciphered.push_back({id, 0x11});
  }
  return application;
}

DeviceInstructions& instructions_of(Application& application) {
  return application.steps[0].instructions;
}

// The plan as text: "[0101 0102] 60[8000]", P1 before the bracket unless 00, "+" for later parts.
std::string plan_text(const Application& application, const CardProfile& profile = {}) {
  const auto plan = plan_store_data(application, profile);
  if (!plan) return plan.error().code + ": " + plan.error().reason;
  std::string text;
  for (const StoreDataCommand& command : *plan) {
    if (!text.empty()) text += ' ';
    if (command.p1 != 0) text += emvcrypto::to_hex(ByteView(&command.p1, 1));
    text += '[';
    for (std::size_t i = 0; i < command.dgis.size(); ++i)
      text += (i == 0 ? "" : " ") + dgi_name(application.dgis[command.dgis[i]].id);
    text += command.offset == 0 ? "]" : "+]";
    if (command.refusable) text += '?';
  }
  return text;
}

void check_refused(const Application& application, const std::string& reason,
                   const CardProfile& profile = {}) {
  const auto plan = plan_store_data(application, profile);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == "store-data");
  CHECK_THAT(plan.error().reason, Catch::Contains(reason));
}

}  // namespace

TEST_CASE("small DGIs share a command up to the card's limit") {
  CHECK(plan_text(application_of({{0x0101, 100}, {0x0102, 100}, {0x9010, 2}})) ==
        "80[0101 0102 9010]");
  CHECK(plan_text(application_of({{0x0101, 120}, {0x0102, 129}, {0x9010, 2}})) ==
        "[0101 0102] 80[9010]");
  CHECK(plan_text(application_of({{0x0101, 120}, {0x0102, 130}})) == "[0101] 80[0102]");
}

TEST_CASE("MAC and encipherment take their room from the command") {
  CHECK(data_limit({}, 0x00) == 255);
  CHECK(data_limit({}, 0x01) == 247);
  CHECK(data_limit({}, 0x03) == 239);
  CardProfile narrow;
  narrow.max_data = 240;
  CHECK(data_limit(narrow, 0x01) == 232);
  CHECK(data_limit(narrow, 0x03) == 231);
}

TEST_CASE("clear and enciphered DGIs never share a command") {
  CHECK(plan_text(application_of({{0x0101, 9}, {0x8000, 48}, {0x8010, 8}, {0x9000, 9}})) ==
        "[0101] 60[8000 8010] 80[9000]");
  CHECK(plan_text(application_of({{0x9000, 9}, {0x8000, 48}})) == "[9000] E0[8000]");
}

TEST_CASE("a DGI longer than a command runs over commands of its own") {
  const Application application = application_of({{0x0101, 10}, {0x0102, 600}, {0x0103, 10}});
  CHECK(plan_text(application) == "[0101] [0102] [0102+] [0102+] 80[0103]");
  const auto plan = plan_store_data(application, {});
  CHECK(plan->at(1).length == 255);
  CHECK(plan->at(2).offset == 255);
  CHECK(plan->at(3).length == 605 - 2 * 255);
}

TEST_CASE("a card that takes one DGI a command gets one DGI a command") {
  CardProfile profile;
  profile.one_dgi_per_command = true;
  CHECK(plan_text(application_of({{0x0101, 9}, {0x0102, 9}, {0x8000, 48}, {0x8010, 8}}), profile) ==
        "[0101] [0102] 60[8000] E0[8010]");
}

TEST_CASE("a card that wants the DGI format said in P1 gets it") {
  CardProfile profile;
  profile.format_bits = 0x08;
  CHECK(plan_text(application_of({{0x0101, 9}, {0x8000, 48}, {0x9000, 9}}), profile) ==
        "08[0101] 68[8000] 88[9000]");
}

TEST_CASE("ORDER moves no more DGIs than it must") {
  Application application =
      application_of({{0x8000, 48}, {0x9000, 9}, {0x8010, 8}, {0x9010, 2}, {0x0101, 5}});
  instructions_of(application).order = {{0x9010, 0x8010}, {0x8000, 0x9000, 0x7FFF}};
  CHECK(plan_text(application) == "60[8000] [9000 9010] 60[8010] 80[0101]");
}

TEST_CASE("an ORDER that cannot be kept is a fault") {
  Application application = application_of({{0x0101, 5}, {0x0102, 5}});
  instructions_of(application).order = {{0x0101, 0x0102}, {0x0102, 0x0101}};
  check_refused(application, "ORDER");
  instructions_of(application).order = {{0x0101, 0x0101}};
  check_refused(application, "ORDER");
}

TEST_CASE("a GROUP goes into one command") {
  Application application =
      application_of({{0x0101, 200}, {0x0102, 40}, {0x0103, 100}, {0x0104, 2}});
  CHECK(plan_text(application) == "[0101 0102] 80[0103 0104]");
  instructions_of(application).groups = {{0x0102, 0x0103}};
  CHECK(plan_text(application) == "[0101] 80[0102 0103 0104]");
}

TEST_CASE("ORDER holds inside a GROUP too") {
  Application application = application_of({{0x0101, 5}, {0x0102, 5}, {0x0103, 5}});
  instructions_of(application).groups = {{0x0103, 0x0101}};
  CHECK(plan_text(application) == "80[0103 0101 0102]");
  instructions_of(application).order = {{0x0101, 0x0103}};
  check_refused(application, "ORDER");
  instructions_of(application).order = {{0x0101, 0x0102, 0x0103}};
  instructions_of(application).groups = {{0x0101, 0x0103}};
  check_refused(application, "ORDER");
}

TEST_CASE("a GROUP that cannot be kept is a fault") {
  Application application = application_of({{0x0101, 200}, {0x0102, 60}, {0x8000, 48}});
  instructions_of(application).groups = {{0x0101, 0x0102}};
  check_refused(application, "does not fit");
  instructions_of(application).groups = {{0x0102, 0x8000}};
  check_refused(application, "clear and secret");
  instructions_of(application).groups = {{0x0102}, {0x0102}};
  check_refused(application, "twice");
  instructions_of(application).groups = {{0x0102, 0x0101}};
  instructions_of(application).version_control = {0x0102};
  check_refused(application, "alone");
  CardProfile one;
  one.one_dgi_per_command = true;
  instructions_of(application).version_control = {};
  check_refused(application, "does not fit", one);
}

TEST_CASE("a DGI that the card may refuse goes alone, and never last without being needed") {
  Application application =
      application_of({{0x0101, 5}, {0x0102, 5}, {0x0103, 5}, {0x0104, 300}, {0x0105, 5}});
  instructions_of(application).version_control = {0x0102, 0x0104, 0x7777};
  CHECK(plan_text(application) == "[0101] [0102]? [0103] [0104]? [0104+]? 80[0105]");
  application.dgis.pop_back();
  CHECK(plan_text(application) == "[0101] [0102]? [0103] [0104] 80[0104+]");
}

TEST_CASE("a secret is sent only with a transport key and an ENC entry that agree") {
  Application application = application_of({{0x8000, 48}, {0x8010, 8}});
  Application altered = application;
  instructions_of(altered).enciphered.pop_back();
  check_refused(altered, "8010 is under a transport key but not in ENC");
  altered = application;
  altered.transport_keys[0].dgis.pop_back();
  check_refused(altered, "no transport key");
  altered = application;
  altered.transport_keys.push_back(altered.transport_keys[0]);
  check_refused(altered, "two transport keys");
  altered = application;
  altered.transport_keys[0].mode = 0x12;
  check_refused(altered, "CMODE");
  altered = application;
  instructions_of(altered).enciphered[0].type = 0x10;
  check_refused(altered, "unknown type");
  altered = application;
  instructions_of(altered).enciphered.push_back({0x8000, 0x11});
  check_refused(altered, "twice");
  altered = application;
  altered.dgis.pop_back();
  check_refused(altered, "absent");
  altered = application;
  altered.dgis[0].value.pop_back();
  check_refused(altered, "whole blocks");
}

TEST_CASE("an application that cannot be loaded as it says is a fault") {
  const Application good = application_of({{0x0101, 5}});
  Application altered = good;
  altered.dgis.clear();
  check_refused(altered, "no DGI");
  altered = good;
  altered.dgis.push_back(altered.dgis[0]);
  check_refused(altered, "comes twice");
  altered = good;
  altered.steps.clear();
  check_refused(altered, "no processing step");
  altered = good;
  altered.steps.push_back(altered.steps[0]);
  check_refused(altered, "two steps");
  altered = good;
  altered.steps.push_back({0x0B, 0x01, 0xEB, {}, {}});
  check_refused(altered, "required processing step");
  altered = good;
  instructions_of(altered).security_level = 0x02;
  check_refused(altered, "SECLEV");
  altered = good;
  instructions_of(altered).random = {1};
  check_refused(altered, "RANDOM");
  altered = good;
  instructions_of(altered).update_cplc = 1;
  check_refused(altered, "UPDATEcplc");
  CardProfile profile;
  profile.max_data = 23;
  check_refused(good, "max_data", profile);
  profile.max_data = 256;
  check_refused(good, "max_data", profile);
}

TEST_CASE("every plan carries every byte once, in order, within the limit") {
  KPD_PROPERTY([] {
    const auto sizes = *cps::test::list_of(1, 20, rc::gen::inRange<std::size_t>(0, 400));
    Application application;
    application.steps = {Step{}};
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const bool secret = sizes[i] % 3 == 0 && sizes[i] > 8;
      const auto id = static_cast<DgiId>((secret ? 0x8000 : 0x0100) + i);
      const std::size_t size = secret ? sizes[i] / 8 * 8 : sizes[i];
      application.dgis.push_back({id, *cps::test::bytes_of(size, size)});
      if (!secret) continue;
      application.transport_keys.push_back({{1, 2, 3, 4}, 0x20, 0x10, {id}});
      application.steps[0].instructions.enciphered.push_back({id, 0x11});
    }
    CardProfile profile;
    profile.max_data = *rc::gen::inRange<std::size_t>(24, 256);
    profile.one_dgi_per_command = *rc::gen::arbitrary<bool>();
    const std::uint8_t level = *rc::gen::element<std::uint8_t>(0x00, 0x01, 0x03);
    application.steps[0].instructions.security_level = level;
    const auto plan = plan_store_data(application, profile);
    RC_ASSERT(plan.has_value());

    Bytes sent, expected;
    for (const StoreDataCommand& command : *plan) {
      Bytes encoded;
      for (std::size_t i : command.dgis) append_dgi(encoded, application.dgis[i]);
      RC_ASSERT(command.length > 0U && command.length <= data_limit(profile, level));
      RC_ASSERT(command.offset + command.length <= encoded.size());
      RC_ASSERT((command.p1 & 0x60) == (command.enciphered ? 0x60 : 0x00));
      RC_ASSERT(((command.p1 & 0x80) != 0) == (&command == &plan->back()));
      RC_ASSERT(!profile.one_dgi_per_command || command.dgis.size() == 1);
      emvcrypto::append(sent, ByteView(encoded).subspan(command.offset, command.length));
    }
    for (const Dgi& dgi : application.dgis) append_dgi(expected, dgi);
    RC_ASSERT(sent == expected);
  });
}

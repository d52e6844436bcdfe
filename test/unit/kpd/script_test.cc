#include <catch2/catch.hpp>
#include <sstream>

#include "kpd/exit_code.h"
#include "kpd/files/resources.h"
#include "kpd/script/script_driver.h"
#include "kpd/script/script_dry.h"
#include "test/unit/cps/load_fixture.h"
#include "test/unit/cps/scripted_card.h"

using namespace kpd;
using Catch::Matchers::Contains;
using cps::LoadOutcome;
using cps::LoadResult;
using cps::test::LoadFixture;

namespace {

/// The fixture's card and record, loaded by a script.
struct ScriptFixture : LoadFixture {
  using LoadFixture::LoadFixture;
  std::map<std::string, std::string> parameters;
  std::vector<cps::Module> modules{{"EMB1", {'A', 'B'}}};
  std::vector<std::string> logged;

  ScriptCard script_card() {
    return {record, modules, "R-1", "CLASSIC", {}, parameters, [this](const std::string& text) {
              logged.push_back(text);
            }};
  }
  static cps::Bytes as_module(std::string_view text) { return {text.begin(), text.end()}; }

  LoadResult run(const std::string& text) { return run(text, card); }
  LoadResult run(const std::string& text, cps::Card& on) {
    ScriptMachine machine({"test.lua", text});
    return run(machine, on);
  }
  LoadResult run(ScriptMachine& machine, cps::Card& on) {
    cps::NullLoadObserver observer;
    return run(machine, on, observer);
  }
  LoadResult run(ScriptMachine& machine, cps::Card& on, cps::LoadObserver& observer) {
    const ScriptCard context = script_card();
    return cps::drive(run_script(machine, context, options, keys, observer), on,
                      std::chrono::milliseconds(1000));
  }
};

/// Notes what may change the card, and how many APDUs it has had by then.
struct Announced final : cps::LoadObserver {
  explicit Announced(const ScriptFixture& fixture) : f(fixture) {}
  void before_first_apdu(const cps::Record&) override {}
  void before_irreversible(const cps::LoadEvent& event) override {
    notes.push_back(std::to_string(f.card.apdus) + " " + event.command);
  }
  void progress(const cps::LoadEvent&) override {}

  const ScriptFixture& f;
  std::vector<std::string> notes;
};

std::string whole(const std::string& body) {
  return "function personalise()\n" + body + "\nend\n";
}

std::string loading_error(const std::string& text) {
  try {
    ScriptMachine machine({"test.lua", text});
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

Script shipped(const std::string& name) {
  return read_script(resource_folder() / "templates/scripts" / name);
}

}  // namespace

TEST_CASE("the CPS script sends what the loader sends, under every security level") {
  const std::uint8_t level = GENERATE(0x00, 0x01, 0x03);
  LoadFixture by_loader(level);
  ScriptFixture by_script(level);
  REQUIRE(by_loader.load().outcome == LoadOutcome::done);
  ScriptMachine machine(shipped("cps.lua"));
  const LoadResult result = by_script.run(machine, by_script.card);
  INFO(cps::describe(result));
  REQUIRE(result.outcome == LoadOutcome::done);
  CHECK(result.applications == 2);
  CHECK(result.command.empty());
  CHECK(by_script.card.apdus == by_loader.card.apdus);
  for (const auto& [aid, expected] : by_loader.card.applications) {
    CHECK(by_script.card.applications.at(aid).commands == expected.commands);
    CHECK(by_script.card.applications.at(aid).closed);
  }
}

TEST_CASE("a script orders the DGIs of an application") {
  ScriptFixture f;
  ScriptMachine machine(shipped("mchip-advance.lua"));
  REQUIRE(f.run(machine, f.card).outcome == LoadOutcome::done);
  const auto& commands = f.card.applications.at(f.payment).commands;
  std::vector<std::string> ids;
  for (const cps::Bytes& command : commands)
    ids.push_back(emvcrypto::to_hex(cps::ByteView(command).subspan(2, 2)));
  // 0102 takes three commands: only the first of them begins with its identifier.
  REQUIRE(ids.size() == 8);
  CHECK(ids[0] == "0101");
  CHECK(ids[1] == "0102");
  CHECK(std::vector(ids.begin() + 4, ids.end()) ==
        std::vector<std::string>{"8010", "9010", "8000", "9000"});
  CHECK(f.card.open(f.payment, 0x8000) == f.card_keys);
}

TEST_CASE("a script sends commands of its own, secrets included, through the channel") {
  ScriptFixture f(0x03);
  const LoadResult result = f.run(whole(R"(
    local app = data.application(hex("A1B2C3D4E50102"))
    card.select(app.aid)
    channel.open{security = app.security}
    local block = 0
    for i, d in ipairs(app.dgis) do
      if d.id ~= 0x0102 then
        local p1 = d.secret and 0x60 or 0x00
        if i == #app.dgis then p1 = p1 + 0x80 end
        local size = number(d.size, 1)
        channel.send{cla = 0x80, ins = 0xE2, p1 = p1, p2 = block, name = "STORE DATA",
                     data = {number(d.id, 2), size, d.value}}
        block = block + 1
      end
    end
  )"));
  INFO(cps::describe(result));
  REQUIRE(result.outcome == LoadOutcome::done);
  CHECK(f.card.open(f.payment, 0x8000) == f.card_keys);
  CHECK(f.card.open(f.payment, 0x8010) == f.pin);
  CHECK(f.card.applications.at(f.payment).closed);
}

TEST_CASE("an observer hears of what may change the card before the card does") {
  ScriptFixture f;
  Announced own(f);
  ScriptMachine machine({"test.lua", whole(R"(
    card.select(hex "0102030405")
    card.send{ins = 0x20, name = "VERIFY", ok = "any"}
    card.transmit(hex "00 20 00 80")
    card.select(hex "0102030405")
    channel.open()
    channel.send{cla = 0x80, ins = 0xF0, name = "SET STATUS", ok = "any"}
  )")});
  REQUIRE(f.run(machine, f.card, own).outcome == LoadOutcome::done);
  CHECK(own.notes == std::vector<std::string>{"1 VERIFY", "5 EXTERNAL AUTHENTICATE"});

  ScriptFixture g;
  Announced transmitted(g);
  ScriptMachine raw({"test.lua", whole(R"(card.transmit(hex "00 20 00 80"))")});
  REQUIRE(g.run(raw, g.card, transmitted).outcome == LoadOutcome::done);
  CHECK(transmitted.notes == std::vector<std::string>{"0 command 00200080"});

  ScriptFixture h;
  Announced cps_script(h);
  ScriptMachine shipped_one(shipped("cps.lua"));
  REQUIRE(h.run(shipped_one, h.card, cps_script).outcome == LoadOutcome::done);
  REQUIRE(cps_script.notes.size() == 5);
  CHECK(cps_script.notes[0] == "2 EXTERNAL AUTHENTICATE");
  CHECK_THAT(cps_script.notes[1], Contains("3 STORE DATA 00"));
}

TEST_CASE("a script reads statuses that it names and ends the card at others") {
  ScriptFixture f;
  cps::test::ScriptedCard names({{"00A4000C023F00", "6A82"}, {"80CA9F7F00", "9F7F01AA9000"}});
  CHECK(f.run(whole(R"(
    local _, sw = card.send{cla = 0, ins = 0xA4, p2 = 0x0C, data = hex "3F00", ok = {0x9000, 0x6A82}}
    log(string.format("%04X", sw))
    local answer = card.send{cla = 0x80, ins = 0xCA, p1 = 0x9F, p2 = 0x7F, le = 256}
    log(tohex(find(0x9F7F, answer)))
  )"),
              names)
            .outcome == LoadOutcome::done);
  CHECK(f.logged == std::vector<std::string>{"6A82", "AA"});

  cps::test::ScriptedCard refuses({{"00E0000000", "6985"}});
  const LoadResult result =
      f.run(whole(R"(card.send{ins = 0xE0, le = 256, name = "CREATE FILE"})"), refuses);
  CHECK(result.outcome == LoadOutcome::refused);
  CHECK(result.status == 0x6985);
  CHECK(result.command == "CREATE FILE");

  cps::test::ScriptedCard any({{"00E0000000", "6F00"}});
  CHECK(f.run(whole(R"(card.send{ins = 0xE0, le = 256, ok = "any"})"), any).outcome ==
        LoadOutcome::done);
}

TEST_CASE("protocol T=0 stays below the script") {
  ScriptFixture f;
  cps::test::ScriptedCard card({{"80CA9F7F00", "6C05"},
                                {"80CA9F7F05", "9F7F01AA9000"},
                                {"00B2010C00", "6103"},
                                {"00C0000003", "0102039000"}});
  CHECK(f.run(whole(R"(
    log(tohex((card.send{cla = 0x80, ins = 0xCA, p1 = 0x9F, p2 = 0x7F, le = 256})))
    log(tohex((card.send{ins = 0xB2, p1 = 1, p2 = 0x0C, le = 256})))
  )"),
              card)
            .outcome == LoadOutcome::done);
  CHECK(f.logged == std::vector<std::string>{"9F7F01AA", "010203"});
}

TEST_CASE("a card that goes away ends the script, and a lost card is told from a refusing one") {
  ScriptFixture f;
  f.card.instead[4] = "lost";
  CHECK(f.run(shipped("cps.lua").text).outcome == LoadOutcome::card_lost);
  ScriptFixture g;
  g.card.instead[1] = "6A88";
  CHECK(g.run(shipped("cps.lua").text).outcome == LoadOutcome::refused);
  ScriptFixture h;
  h.keys.mac_kek = cps::Bytes(16, 0x01);
  CHECK(h.run(shipped("cps.lua").text).outcome == LoadOutcome::mac_wrong);
  CHECK(h.card.apdus == 0);
}

TEST_CASE("what is wrong with a script is told with its line, and the card is not at fault") {
  ScriptFixture f;
  const auto failure = [&](const std::string& body) {
    const LoadResult result = f.run(whole(body));
    CHECK(result.outcome == LoadOutcome::script_failed);
    return result.detail;
  };
  CHECK_THAT(failure("local x = nil + 1"), Contains("test.lua, line 2") && Contains("arithmetic"));
  CHECK_THAT(failure("\nwhile true do end"), Contains("line 3") && Contains("too many steps"));
  CHECK_THAT(failure("local t = {} for i = 1, 1e9 do t[i] = {} end"), Contains("too m"));
  CHECK_THAT(failure("channel.store(data.applications()[1])"), Contains("no channel is open"));
  CHECK_THAT(failure("card.send{isn = 0xA4}"), Contains("'isn' is not a field"));
  CHECK_THAT(failure("card.send{ins = 256}"), Contains("ins is a whole number from 0 to 255"));
  CHECK_THAT(failure("os.exit()"), Contains("a name that nothing has"));
  CHECK_THAT(failure("card.send{ins = 1, data = data.applications()[2].dgis[3].value}"),
             Contains("while a channel is open"));
  CHECK(f.card.apdus == 0);

  const LoadResult said = f.run(whole("fail('no chip of this mask')"));
  CHECK(said.outcome == LoadOutcome::refused);
  CHECK_THAT(said.detail, Contains("no chip of this mask"));

  CHECK_THAT(loading_error("x = = 1"), Contains("test.lua, line 1"));
  CHECK_THAT(loading_error("x = 1"), Contains("no function 'personalise'"));
  CHECK_THAT(loading_error("card.select(hex 'A000000001')"), Contains("there is no card"));
}

TEST_CASE("a record may carry its own commands, and is at fault when they are none") {
  ScriptFixture f;
  ScriptMachine machine(shipped("record-script.lua"));
  f.modules = {{"APDU", f.as_module("00A4040003A00001 -> 9000 6283\n80E2800000 # last\n")}};
  cps::test::ScriptedCard card({{"00A4040003A00001", "6283"}, {"80E2800000", "9000"}});
  CHECK(f.run(machine, card).outcome == LoadOutcome::done);
  CHECK(card.finished());

  cps::test::ScriptedCard refusing({{"", "9000"}, {"", "6985"}});
  const LoadResult refused = f.run(machine, refusing);
  CHECK(refused.outcome == LoadOutcome::refused);
  CHECK_THAT(refused.detail, Contains("line 2 of the record's script: 6985"));

  f.modules = {{"APDU", f.as_module("00A40400\n\n00A4 04")}};
  const LoadResult bad = f.run(machine, f.card);
  CHECK(bad.outcome == LoadOutcome::bad_record);
  CHECK_THAT(bad.detail, Contains("field APDU of the record, line 3"));
  CHECK(f.card.apdus == 0);
  f.modules.clear();
  CHECK(f.run(machine, f.card).outcome == LoadOutcome::refused);
}

TEST_CASE("a script tells how far it is") {
  ScriptFixture f;
  std::vector<std::string> shown;
  ScriptCard card = f.script_card();
  card.progress = [&](std::uint64_t done, std::uint64_t total) {
    shown.push_back(std::to_string(done) + "/" + std::to_string(total));
  };
  ScriptMachine machine({"test.lua", whole("progress(1, 3) progress(3, 3) progress(4, 3)")});
  machine.begin(card);
  CHECK_FALSE(machine.resume());
  CHECK(shown == std::vector<std::string>{"1/3", "3/3"});
  CHECK_THAT(machine.end().reason, Contains("0 <= done <= total"));
}

TEST_CASE("a card leaves nothing to the next") {
  ScriptFixture f;
  ScriptMachine machine({"test.lua", R"(
    local seen = {}
    function personalise()
      log(tostring(#seen))
      seen[#seen + 1] = data.record()
    end)"});
  for (int i = 0; i < 3; ++i) REQUIRE(f.run(machine, f.card).outcome == LoadOutcome::done);
  CHECK(f.logged == std::vector<std::string>{"0", "0", "0"});
}

TEST_CASE("scripts see fields and parameters, and of secrets their size alone") {
  ScriptFixture f;
  f.parameters["mask"] = "v7";
  CHECK(f.run(whole(R"(
    log(data.product()) log(data.record()) log(data.field("EMB1")) log(data.parameter("mask"))
    if data.field("NONE") or data.parameter("none") then fail("?") end
    local secret = data.applications()[2].dgis[3]
    log(secret.size .. type(secret.value))
  )"))
            .outcome == LoadOutcome::done);
  CHECK(f.logged == std::vector<std::string>{"CLASSIC", "R-1", "AB", "v7", "48userdata"});
  const auto refused = f.run(whole("log(tohex(data.applications()[2].dgis[3].value))"));
  CHECK(refused.outcome == LoadOutcome::script_failed);
}

TEST_CASE("a dry run shows the commands and no secret") {
  ScriptFixture f;
  std::ostringstream out;
  ScriptMachine machine(shipped("cps.lua"));
  const ScriptCard card = f.script_card();
  const DryResult result = run_dry(machine, card, {}, out);
  CHECK(result.end.good);
  const LoadResult real = f.run(machine, f.card);
  REQUIRE(real.outcome == LoadOutcome::done);
  CHECK(result.commands == real.apdus);
  CHECK_THAT(out.str(), Contains("00A40400  0102030405  SELECT") &&
                            Contains("<secret DGI 8000, 48 bytes>") &&
                            Contains("EXTERNAL AUTHENTICATE"));
  for (const cps::Dgi& dgi : f.record.applications[1].dgis)
    if (dgi.id == 0x8000 || dgi.id == 0x8010)
      CHECK_THAT(out.str(), !Contains(emvcrypto::to_hex(dgi.value)));
}

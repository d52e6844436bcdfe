// Token, register and audit log change together or not at all.
#include "kpd/keyring/keyring.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "kpd/exit_code.h"
#include "kpd/keyring/job_keys.h"
#include "test/unit/support/temp_folder.h"
#include "test/unit/support/test_device.h"

using kpd::KeyEntry;
using kpd::KeyState;
using Standing = kpd::KeyEntry::Standing;

namespace {

struct Office {
  hsm_test::TestDevice device;
  kpd_test::TempFolder folder;
  kpd::Keyring keys{"preparation", device.token, folder.path() / "keys.db",
                    kpd::AuditLog(folder.path() / "audit.jsonl",
                                  {1, "officer", [] { return "2026-11-22T10:00:00Z"; }})};

  static kpd::NewKey wanted(const std::string& name, const std::string& role = "IMK-AC") {
    kpd::NewKey key;
    key.name = name;
    key.role = kpd::find_role(role);
    key.algorithm = key.role->algorithms.front();
    key.usage = kpd::role_usage(*key.role, "preparation");
    key.origin = "generated";
    key.action = "key generate";
    return key;
  }

  KeyEntry make(const kpd::NewKey& key) {
    return keys.make(key, [&](const std::string& label) {
      return device.token->generate_secret(kpd::key_type(key.algorithm),
                                           kpd::key_size(key.algorithm), key.usage, label);
    });
  }

  KeyEntry make_next(const std::string& name) {
    kpd::NewKey key = wanted(name);
    key.next_version = true;
    return make(key);
  }

  std::vector<kpd::KeyRow> rows() const {
    return kpd::KeyRegister::open(folder.path() / "keys.db").rows(device.token->label());
  }

  /// What nobody may see changed.
  std::pair<std::size_t, std::size_t> state() const {
    return {device.token->list().size(), rows().size()};
  }

  std::string last_audit() const {
    const std::string text = kpd_test::content_of(folder.path() / "audit.jsonl");
    const std::size_t end = text.size() - 1;
    return text.substr(text.rfind('\n', end - 1) + 1, end);
  }
};

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const kpd::Failure& failure) {
    CHECK(failure.code() == kpd::ExitCode::hold);
    return failure.what();
  }
  return "";
}

}  // namespace

TEST_CASE("versions of a key live side by side, one of them current") {
  Office office;
  const KeyEntry first = office.make(Office::wanted("MASTER"));
  CHECK(first.label == "MASTER");
  const KeyEntry second = office.make_next("MASTER");
  CHECK(second.label == "MASTER.2");
  CHECK(second.kcv != first.kcv);
  const auto all = office.keys.list();
  REQUIRE(all.size() == 2);
  CHECK(all[0].row->state == KeyState::valid);
  CHECK(all[1].row->state == KeyState::current);
  CHECK(office.keys.find("MASTER", std::nullopt).label == "MASTER.2");
  CHECK(office.keys.find("MASTER", 1).kcv == first.kcv);
  office.keys.set_state(all[0], KeyState::current, "key rotate");
  CHECK(office.keys.find("MASTER", std::nullopt).label == "MASTER");
  CHECK(office.keys.find("MASTER", 2).row->state == KeyState::valid);
  CHECK(office.last_audit().find("\"state\":\"current\"") != std::string::npos);
}

TEST_CASE("a name that is taken is refused, and a destroyed version never comes back") {
  Office office;
  office.make(Office::wanted("A"));
  CHECK(refusal([&] { office.make(Office::wanted("A")); }).find("already") != std::string::npos);
  CHECK(refusal([&] { office.keys.require_free(Office::wanted("A")); }) != "");
  office.make_next("A");
  office.keys.destroy(office.keys.find("A", 2));
  CHECK(office.device.token->list().size() == 1);
  CHECK(office.make_next("A").label == "A.3");
  office.keys.destroy(office.keys.find("A", 1));
  CHECK(refusal([&] { office.make(Office::wanted("A")); }).find("destroyed") != std::string::npos);
  CHECK(office.keys.find_usable("A").label == "A.3");
  office.keys.set_state(office.keys.find("A", 3), KeyState::retired, "key retire");
  CHECK(refusal([&] { office.keys.find_usable("A"); }).find("retired") != std::string::npos);
  const auto all = office.keys.list();
  REQUIRE(all.size() == 3);
  CHECK(all[0].standing == Standing::destroyed);
  CHECK(all[1].standing == Standing::destroyed);
  CHECK(all[2].standing == Standing::registered);
}

TEST_CASE("whatever call of the device fails, token and register stay as they were") {
  Office office;
  office.make(Office::wanted("A"));
  const auto before = office.state();
  for (const std::string call : {"C_GenerateKey", "C_Encrypt", "C_FindObjectsInit"}) {
    for (const unsigned long answer : {0x31UL, 0xE2UL, 0x05UL}) {  // memory, protected, general
      CAPTURE(call, answer);
      office.device.module->set_tap(
          [&](std::string_view name) { return name == call ? answer : 0UL; });
      CHECK_THROWS(office.make(Office::wanted("B")));
      office.device.module->set_tap({});
      CHECK(office.state() == before);
    }
  }
  // A token that takes no more objects: neither the copy nor the key at once.
  int on_token = 0;
  office.device.module->set_tap([&](std::string_view name) {
    if (name == "C_CopyObject") return 0x31UL;
    return name == "C_GenerateKey" && ++on_token > 1 ? 0x31UL : 0UL;
  });
  CHECK_THROWS_AS(office.make(Office::wanted("B")), hsm::Error);
  office.device.module->set_tap({});
  CHECK(office.state() == before);
  CHECK(office.last_audit().find("\"result\":\"refused\"") != std::string::npos);
  CHECK(office.make(Office::wanted("B")).standing == Standing::registered);
}

TEST_CASE("without a register, or an audit log that takes the entry, no key is made") {
  Office office;
  office.folder.write("keys.db", "this is no database, and long enough to be looked at as one");
  CHECK_THROWS_AS(office.make(Office::wanted("A")), kpd::Failure);
  CHECK(office.device.token->list().empty());
  std::filesystem::remove(office.folder.path() / "keys.db");
  std::filesystem::remove(office.folder.path() / "audit.jsonl");
  std::filesystem::create_directory(office.folder.path() / "audit.jsonl");
  CHECK_THROWS_AS(office.make(Office::wanted("A")), kpd::Failure);
  CHECK(office.state() == std::pair<std::size_t, std::size_t>{0, 0});
}

TEST_CASE("a key of another KCV than expected is taken back") {
  Office office;
  kpd::NewKey key = Office::wanted("A");
  key.expected_kcv = "000000";
  CHECK(refusal([&] { office.make(key); }).find("another key") != std::string::npos);
  CHECK(office.state() == std::pair<std::size_t, std::size_t>{0, 0});
}

TEST_CASE("a key without a row shows as unregistered and can be adopted once") {
  Office office;
  office.device.token->generate_secret(hsm::KeyType::des2, 16, {.encrypt = true}, "FOUND");
  KeyEntry found = office.keys.find("FOUND", std::nullopt);
  CHECK(found.standing == Standing::unregistered);
  CHECK(refusal([&] { office.keys.set_state(found, KeyState::retired, "key retire"); }) != "");
  CHECK(refusal([&] {
          office.keys.adopt(found, *kpd::find_role("STORAGE"), KeyState::current, {}, {});
        }).find("algorithm") != std::string::npos);
  const KeyEntry adopted =
      office.keys.adopt(found, *kpd::find_role("CVK"), KeyState::current, {}, {});
  CHECK(adopted.standing == Standing::registered);
  CHECK(refusal([&] {
          office.keys.adopt(adopted, *kpd::find_role("CVK"), KeyState::current, {}, {});
        }) != "");
}

TEST_CASE("a destroyed key that comes back in the token is not registered again") {
  Office office;
  office.make(Office::wanted("A"));
  office.keys.destroy(office.keys.find("A", 1));
  office.device.token->generate_secret(hsm::KeyType::des2, 16, {.encrypt = true}, "A");
  const KeyEntry back = office.keys.find("A", std::nullopt);
  CHECK(refusal([&] {
          office.keys.adopt(back, *kpd::find_role("CVK"), KeyState::current, {}, {});
        }).find("destroyed") != std::string::npos);
}

TEST_CASE("what another process changed meanwhile is not changed again, and retired stays so") {
  Office office;
  const KeyEntry read = office.make(Office::wanted("A"));
  office.make_next("A");
  for (const KeyState state : {KeyState::current, KeyState::retired})
    CHECK_THROWS_AS(office.keys.set_state(read, state, "key rotate"), kpd::Failure);
  CHECK_THROWS_AS(office.keys.destroy(read), kpd::Failure);
  CHECK(office.keys.find("A", std::nullopt).label == "A.2");
  office.keys.set_state(office.keys.find("A", 1), KeyState::retired, "key retire");
  CHECK(refusal([&] {
          office.keys.set_state(office.keys.find("A", 1), KeyState::current, "key rotate");
        }).find("retired") != std::string::npos);
}

TEST_CASE("a key whose last day has passed is neither made nor made current") {
  Office office;
  kpd::NewKey old = Office::wanted("OLD");
  old.until = emvcrypto::Date{2026, 11, 21};
  CHECK(refusal([&] { office.make(old); }).find("has passed") != std::string::npos);
  CHECK(office.state() == std::pair<std::size_t, std::size_t>{0, 0});
  old.until = emvcrypto::Date{2026, 11, 22};
  CHECK(office.make(old).standing == Standing::registered);
  kpd::NewKey late = Office::wanted("LATE");
  late.from = emvcrypto::Date{2026, 11, 23};
  office.make(late);
  CHECK(refusal([&] { office.keys.find_usable("LATE"); }).find("valid from") != std::string::npos);
}

TEST_CASE("a key behind the register's back is seen") {
  Office office;
  office.make(Office::wanted("A"));
  office.device.token->destroy(office.device.token->find("A"));
  CHECK(office.keys.find("A", std::nullopt).standing == Standing::missing);
  office.device.token->generate_secret(hsm::KeyType::des2, 16, {.encrypt = true}, "A");
  CHECK(office.keys.find("A", std::nullopt).standing == Standing::other);
}

TEST_CASE("jobs take the current version and refuse what is out of use") {
  Office office;
  kpd::NewKey first = Office::wanted("M");
  first.from = emvcrypto::Date{2026, 1, 1};
  first.until = emvcrypto::Date{2026, 12, 31};
  const KeyEntry one = office.make(first);
  const KeyEntry two = office.make_next("M");
  auto rows = office.rows();
  auto& token = *office.device.token;
  const emvcrypto::Date day{2026, 11, 22};
  const auto objection = [&](const KeyEntry& entry, const std::string& role, emvcrypto::Date on) {
    return kpd::key_objection(rows, entry.label, entry.kcv, role, on).value_or("");
  };
  CHECK(kpd::job_key_label(token, rows, "M", std::nullopt) == "M.2");
  CHECK(kpd::job_key_label(token, rows, "M", 1) == "M");
  CHECK(objection(one, "IMK-AC", day).empty());
  CHECK(objection(one, "a role of the job's own", day).empty());
  CHECK(objection(one, "IMK-SMI", day).find("made for the role IMK-AC") != std::string::npos);
  CHECK(objection(one, "IMK-AC", {2027, 1, 1}).find("expired") != std::string::npos);
  CHECK(objection(one, "IMK-AC", {2025, 12, 31}).find("valid from") != std::string::npos);
  office.keys.set_state(two, KeyState::retired, "key retire");
  rows = office.rows();
  CHECK(objection(two, "IMK-AC", day).find("retired") != std::string::npos);
  CHECK_FALSE(kpd::job_key_label(token, rows, "M", std::nullopt));
  CHECK_FALSE(kpd::job_key_label(token, rows, "NONE", std::nullopt));
  token.generate_secret(hsm::KeyType::des2, 16, {.encrypt = true}, "FREE");
  CHECK(kpd::job_key_label(token, rows, "FREE", std::nullopt) == "FREE");
  CHECK_FALSE(kpd::key_objection(rows, "FREE", "123456", "IMK-AC", day));
  token.generate_secret(hsm::KeyType::des2, 16, {.encrypt = true}, "FREE.2");
  CHECK_FALSE(kpd::job_key_label(token, rows, "FREE", std::nullopt));
}

TEST_CASE("roles give each party the least, and no more than they allow") {
  const auto& role = *kpd::find_role("IMK-AC");
  CHECK(kpd::role_usage(role, "preparation").encrypt);
  CHECK_FALSE(kpd::role_usage(role, "preparation").derive);
  CHECK(kpd::role_usage(role, "issuer-host").derive);
  CHECK(kpd::role_usage(role, "preparation", "derive").derive);
  CHECK_THROWS_AS(kpd::role_usage(role, "preparation", "decrypt"), kpd::Failure);
  CHECK_THROWS_AS(kpd::role_usage(role, "preparation", "fly"), kpd::Failure);
  for (const kpd::KeyRole& one : kpd::key_roles()) {
    CAPTURE(one.name);
    CHECK_FALSE(one.algorithms.empty());
    for (const kpd::RoleUse& use : one.uses)
      CHECK_NOTHROW(kpd::role_usage(one, use.party, use.usual));
  }
}

TEST_CASE("labels say name and version") {
  CHECK(kpd::label_text({"KEK1", 1}) == "KEK1");
  CHECK(kpd::label_text({"KEK1", 12}) == "KEK1.12");
  CHECK(kpd::parse_key_label("KEK1.12") == kpd::KeyLabel{"KEK1", 12});
  for (const std::string name : {"KEK1", "KEK1.1", "KEK1.02", "KEK1.x", ".2", "KEK1.", "A.12345"})
    CHECK(kpd::parse_key_label(name) == kpd::KeyLabel{name, 1});
  CHECK_THROWS_AS(kpd::check_key_name("KEK1.2"), kpd::Failure);
  CHECK_THROWS_AS(kpd::check_key_name(""), kpd::Failure);
}

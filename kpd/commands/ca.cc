// kpd ca: a test CA of schemes, for demonstrations and pipelines.
#include <fmt/format.h>

#include "kpd/certificates/test_keys.h"
#include "kpd/commands/ca_options.h"

namespace kpd {

namespace fs = std::filesystem;

void require_test_area(const Area& area) {
  if (!area.test())
    throw Failure(ExitCode::usage,
                  (area.folder() / "area.yaml").string() +
                      ": this is no area for tests: its issuers ask their schemes");
}

TestCa::TestCa(const AreaOptions& options, const Invocation& invocation)
    : TestCa(options.open(), make_pin_source(invocation)) {}

TestCa::TestCa(Area of, std::unique_ptr<hsm::PinSource> from)
    : area(std::move(of)), pins(std::move(from)) {
  require_test_area(area);
  token = area.open(kSchemeCa, *pins);
}

std::vector<TestCaKey> TestCa::keys() const {
  std::vector<TestCaKey> own;
  for (StoredCaKey& stored : stored_ca_keys(area.folder())) {
    const std::string label = authority_label(stored.name);
    const auto pair = token->try_find("pkcs11:object=" + label + ";type=private");
    if (pair && token->public_key(*pair).modulus == stored.ca.key.modulus)
      own.push_back({std::move(stored), label});
  }
  return own;
}

TestCaKey TestCa::key(const std::string& name, ByteView rid) const {
  std::string names;
  for (const TestCaKey& key : keys()) {
    const bool wanted =
        name.empty() ? std::ranges::equal(key.stored.ca.rid, rid) : key.stored.name == name;
    if (wanted && key.stored.ca.retired.empty()) return key;
    names += (names.empty() ? "" : ", ") + key.stored.name;
  }
  const std::string wanted =
      name.empty() ? "of RID " + emvcrypto::to_hex(rid) : "called '" + name + "'";
  throw Failure(ExitCode::usage,
                fmt::format("the test CA has no key {}, there are: {}; make one with kpd ca key",
                            wanted, names.empty() ? "none" : names));
}

void TestCa::list_test_keys() const {
  const fs::path file = area.folder() / kTestKeyList;
  std::vector<TestKey> listed;
  if (fs::exists(file)) listed = read_test_keys(file);
  for (const TestCaKey& key : keys()) {
    TestKey one = test_key_of(key.stored.ca);
    if (std::find(listed.begin(), listed.end(), one) == listed.end())
      listed.push_back(std::move(one));
  }
  write_whole(file, test_key_list(listed));
}

void make_ca_key(TestCa& ca, const TestAuthority& authority) {
  const fs::path file = ca.area.folder() / kCaFolder / (authority.name + ".yaml");
  if (fs::exists(file))
    throw Failure(ExitCode::usage, "there is a CA key called '" + authority.name + "' already");
  for (const StoredCaKey& stored : stored_ca_keys(ca.area.folder()))
    if (stored.ca.rid == authority.rid && stored.ca.index == authority.index)
      throw Failure(ExitCode::usage, fmt::format("index {:02X} of this RID is taken by '{}'",
                                                 authority.index, stored.name));
  make_authority(authority, *ca.token, file);
  ca.list_test_keys();
  note(ca.area, "ca key", "done",
       {{"ca", authority.name},
        {"rid", emvcrypto::to_hex(authority.rid)},
        {"index", fmt::format("{:02X}", authority.index)}});
}

void add_ca(CLI::App& app, Invocation& invocation) {
  CLI::App* command =
      app.add_subcommand("ca", "A test CA that answers requests: for tests and demonstrations");
  command->require_subcommand(1);
  add_ca_init(*command, invocation);
  add_ca_key(*command, invocation);
  add_ca_answer(*command, invocation);
  add_ca_publish(*command, invocation);
  add_ca_list(*command, invocation);
  command->footer("Example:  kpd ca answer out/541333-000001.sip --area demo/area.yaml -o out");
}

}  // namespace kpd

// kpd cert import-ca: CA public keys into the work area.
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/certificates/ca_key_file.h"
#include "kpd/certificates/ca_key_list.h"
#include "kpd/certificates/certificate_register.h"
#include "kpd/certificates/test_keys.h"
#include "kpd/commands/cert_options.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;
using emvcrypto::to_hex;

struct ImportOptions {
  AreaOptions area;
  std::string file;
  std::vector<std::string> hashes;
};

std::string name_of(const CaKey& ca) {
  return fmt::format("{}-{:02X}", to_hex(ca.rid), ca.index);
}

/// A list or a key of our own kinds, or CSV.
std::vector<CaKey> read_text(const fs::path& file, const Bytes& content) {
  if (file.extension() != ".yaml" && file.extension() != ".yml")
    return read_ca_csv(emvcrypto::as_text(content), file);
  if (kind_of(file) == "ca-key") return {read_ca_key(read_yaml(file, "ca-key"))};
  return read_ca_list(read_yaml(file, "ca-key-list"));
}

bool is_text(const Bytes& content) {
  return std::all_of(content.begin(), content.end(), [](std::uint8_t byte) {
    return byte == '\n' || byte == '\r' || byte == '\t' || (byte >= 0x20 && byte < 0x7F);
  });
}

/// The hash by another way: 40 digits, or a file that holds it.
Bytes told_hash(const std::string& hash, const CaKey& ca) {
  if (const auto bytes = emvcrypto::parse_hex(hash); bytes && bytes->size() == 20) return *bytes;
  const auto read = read_ca_hash(ca, read_small_file(hash));
  if (!read) refuse(hash, read.error());
  return *read;
}

void check_hash(const std::string& hash, const CaKey& ca) {
  const Bytes own = emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key);
  const Bytes told = told_hash(hash, ca);
  if (told != own)
    refuse(name_of(ca), {"ca-hash", fmt::format("the key in the file has the hash {}, what was "
                                                "told is {}: it is another key",
                                                to_hex(own), to_hex(told))});
}

/// Each key of a list against the hashes that came by another way, in any order. A list's own
/// hashes prove nothing about who wrote it.
void check_hashes(const std::vector<std::string>& hashes, const std::vector<CaKey>& keys) {
  if (keys.size() == 1 && hashes.size() == 1) return check_hash(hashes.front(), keys.front());
  for (const CaKey& ca : keys) {
    const std::string own = to_hex(emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key));
    const bool told = std::any_of(hashes.begin(), hashes.end(), [&](const std::string& hash) {
      const auto bytes = emvcrypto::parse_hex(hash);
      return bytes && to_hex(*bytes) == own;
    });
    if (!told)
      refuse(name_of(ca), {"ca-hash", fmt::format("no --hash is {}, that of this key: each key of "
                                                  "a list needs its own, as 40 digits",
                                                  own)});
  }
}

std::vector<CaKey> read_keys(const ImportOptions& options, bool test) {
  const Bytes content = read_small_file(options.file);
  std::vector<CaKey> keys;
  if (is_text(content)) {
    keys = read_text(options.file, content);
  } else {
    auto read = read_ca_file(content);
    if (!read) refuse(options.file, read.error());
    keys.push_back(std::move(read->ca));
  }
  if (options.hashes.empty() && !test)
    throw Failure(ExitCode::usage,
                  options.file +
                      ": a file proves only that it was not damaged: give each key's hash that "
                      "came by another way with --hash");
  if (!options.hashes.empty()) check_hashes(options.hashes, keys);
  return keys;
}

void check_keys(const std::vector<CaKey>& keys, const Area& area, const emvcrypto::Date& today) {
  TestKeys test_keys;
  const fs::path list = area.folder() / kTestKeyList;
  if (fs::exists(list)) test_keys.add(list);
  for (const CaKey& ca : keys) {
    if (ca.last_day && *ca.last_day < today)
      refuse(name_of(ca), {"ca-expired", "the key's validity ended on " + ca.last_day->iso()});
    if (area.test()) continue;
    if (const auto why = test_keys.why(ca))
      refuse(name_of(ca), {"ca-test-key", "a production area takes no test key: " + *why});
  }
}

/// Writes what is new. One key of an index that is another here already refuses them all.
std::vector<std::string> store(const std::vector<CaKey>& keys, const Area& area) {
  auto registered = CertificateRegister::open(area.folder() / kCertificateRegister);
  const CertificateRegister::Lock lock(registered);
  const auto known = stored_ca_keys(area.folder());
  std::vector<const CaKey*> fresh;
  const auto is_known = [&](const CaKey& ca) {
    for (const StoredCaKey& stored : known) {
      if (stored.ca.rid != ca.rid || stored.ca.index != ca.index) continue;
      if (stored.ca.key == ca.key) return true;
      refuse(name_of(ca),
             {"ca-other-key", "another key of this RID and index is in " + stored.file.string()});
    }
    for (const CaKey* other : fresh)
      if (other->rid == ca.rid && other->index == ca.index && other->key == ca.key) return true;
    return false;
  };
  for (const CaKey& ca : keys)
    if (!is_known(ca)) fresh.push_back(&ca);
  for (const CaKey* ca : fresh)
    for (const CaKey* other : fresh)
      if (other != ca && other->rid == ca->rid && other->index == ca->index)
        refuse(name_of(*ca), {"ca-other-key", "the list has two keys of this RID and index"});
  std::vector<std::string> names;
  for (const CaKey* ca : fresh) {
    const fs::path file = area.folder() / kCaFolder / (name_of(*ca) + ".yaml");
    if (fs::exists(file))
      throw Failure(ExitCode::usage, file.string() + ": something else stands there: move it");
    write_whole(file, ca_key_text("Imported CA key " + name_of(*ca), *ca));
    names.push_back(name_of(*ca));
  }
  return names;
}

/// A list of test keys: added to those that production jobs of this area refuse.
void import_test_keys(const fs::path& file, const Area& area) {
  std::vector<TestKey> keys;
  const fs::path target = area.folder() / kTestKeyList;
  if (fs::exists(target)) keys = read_test_keys(target);
  for (TestKey& key : read_test_keys(file))
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
  write_whole(target, test_key_list(keys));
  note(area, "cert import-ca", "done", {{"test_keys", file.filename().string()}});
  say(fmt::format("{}: production jobs refuse these {} keys", target.string(), keys.size()));
}

ExitCode run_import(const ImportOptions& options, bool json) {
  const Area area = options.area.open();
  const fs::path file = options.file;
  if (file.extension() == ".yaml" && kind_of(file) == "test-keys") {
    import_test_keys(file, area);
    return ExitCode::done;
  }
  const std::vector<CaKey> keys = read_keys(options, area.test());
  check_keys(keys, area, options.area.today());
  const std::vector<std::string> names = store(keys, area);
  for (const std::string& name : names) {
    note(area, "cert import-ca", "done", {{"ca", name}, {"file", file.filename().string()}});
    if (!json) say(fmt::format("{}: imported", name));
  }
  if (json)
    std::cout << nlohmann::ordered_json{{"imported", names}, {"known", keys.size() - names.size()}}
                     .dump(2)
              << "\n";
  else if (names.size() < keys.size())
    say(fmt::format("{} known already", keys.size() - names.size()));
  return ExitCode::done;
}

}  // namespace

void add_cert_import_ca(CLI::App& parent, Invocation& invocation) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command =
      parent.add_subcommand("import-ca", "Take CA public keys from a scheme's file or a list");
  command->add_option("FILE", options->file, "CA key file, CSV, or YAML (ca-key, ca-key-list)")
      ->required();
  command
      ->add_option("--hash", options->hashes,
                   "The key's hash as it came by another way: 40 digits, or a file; once a key")
      ->allow_extra_args(false);
  options->area.add_to(*command);
  options->area.add_date_to(*command);
  add_json_option(*command, invocation);
  command->footer("Example:  kpd cert import-ca F000000099-01.sep --hash F000000099-01.hep");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] { return run_import(*options, invocation.json); };
  });
}

}  // namespace kpd

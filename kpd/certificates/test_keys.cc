#include "kpd/certificates/test_keys.h"

#include <fmt/format.h>

#include "emvcrypto/hash.h"
#include "kpd/certificates/test_key_dictionary.h"

namespace kpd {

std::string key_fingerprint(const emvcrypto::RsaPublicKey& key) {
  return emvcrypto::to_hex(emvcrypto::sha256({key.modulus}));
}

bool is_test_index(std::uint8_t index) {
  constexpr std::uint8_t kFirst = 0xF1, kLast = 0xF3;
  return index >= kFirst && index <= kLast;
}

TestKeys::TestKeys() {
  for (const KnownTestKey& key : known_test_keys()) {
    if (!key.hash.empty()) hashes_.emplace(key.hash);
    moduli_.emplace(key.modulus);
  }
}

void TestKeys::add(const std::filesystem::path& file) {
  for (const TestKey& key : read_test_keys(file)) {
    hashes_.insert(emvcrypto::to_hex(key.hash));
    moduli_.insert(emvcrypto::to_hex(key.modulus_sha256));
  }
}

std::optional<std::string> TestKeys::why(const CaKey& ca) const {
  if (is_test_index(ca.index)) return fmt::format("the index {:02X} is kept for tests", ca.index);
  if (hashes_.contains(emvcrypto::to_hex(emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key))))
    return "it is in the list of test keys";
  return why(ca.key);
}

std::optional<std::string> TestKeys::why(const emvcrypto::RsaPublicKey& key) const {
  if (moduli_.contains(key_fingerprint(key))) return "its modulus is that of a published test key";
  return std::nullopt;
}

TestKey test_key_of(const CaKey& ca) {
  return {ca.rid, ca.index, emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key),
          emvcrypto::sha256({ca.key.modulus})};
}

std::vector<TestKey> read_test_keys(const std::filesystem::path& file) {
  std::vector<TestKey> keys;
  YamlMap list = read_yaml(file, "test-keys");
  list.text("title", "");
  for (const YamlNode& node : list.need("keys").list()) {
    YamlMap key = node.map();
    keys.push_back({key.need("rid").hex(5), key.need("index").hex(1)[0], key.need("hash").hex(20),
                    key.need("modulus_sha256").hex(32)});
    key.finish();
  }
  list.finish();
  return keys;
}

std::string test_key_list(const std::vector<TestKey>& keys) {
  std::string text =
      "# Public keys of a test CA: no production job takes them, nor any chain below them.\n"
      "kind: test-keys\nkeys:\n";
  for (const TestKey& key : keys)
    text += fmt::format(
        "  - {{rid: \"{}\", index: \"{:02X}\", hash: \"{}\",\n"
        "     modulus_sha256: \"{}\"}}\n",
        emvcrypto::to_hex(key.rid), key.index, emvcrypto::to_hex(key.hash),
        emvcrypto::to_hex(key.modulus_sha256));
  return text;
}

}  // namespace kpd

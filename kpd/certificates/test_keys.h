/// Keys that everybody has: published test keys. A production job takes none of them, nor any chain
/// below one.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "kpd/plan/certificate_files.h"

namespace kpd {

/// SHA-256 of a modulus, 64 hexadecimal digits: the name of a key whatever its index and RID.
std::string key_fingerprint(const emvcrypto::RsaPublicKey& key);

/// CA key indexes that are kept for tests under every RID: F1 to F3.
bool is_test_index(std::uint8_t index);

/// One entry of a list of test keys (kind: test-keys).
struct TestKey {
  Bytes rid;
  std::uint8_t index = 0;
  Bytes hash;            ///< SHA-1 of RID, index, modulus, exponent
  Bytes modulus_sha256;  ///< as key_fingerprint()
  bool operator==(const TestKey&) const = default;
};
TestKey test_key_of(const CaKey& ca);
/// Throws ConfigError.
std::vector<TestKey> read_test_keys(const std::filesystem::path& file);
std::string test_key_list(const std::vector<TestKey>& keys);

/// Published test keys: those that came with the program, and the lists of work areas.
class TestKeys {
 public:
  /// The keys that came with the program (test_key_dictionary.cc).
  TestKeys();

  /// Adds a list (kind: test-keys), as `kpd ca publish` writes it. Throws ConfigError.
  void add(const std::filesystem::path& file);

  /// Why a CA key is a test key, nothing when it is none: by its index, by its hash, or by its
  /// modulus under any RID and index.
  std::optional<std::string> why(const CaKey& ca) const;
  /// The same for an issuer's key.
  std::optional<std::string> why(const emvcrypto::RsaPublicKey& key) const;

 private:
  std::set<std::string, std::less<>> hashes_;  ///< SHA-1 of RID, index, modulus, exponent
  std::set<std::string, std::less<>> moduli_;  ///< key_fingerprint()
};

/// The name of a work area's own list in its folder.
inline constexpr const char* kTestKeyList = "ca/test-keys.yaml";

}  // namespace kpd

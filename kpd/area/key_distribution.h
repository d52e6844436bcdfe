/// Keys in the hands of the parties that share them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hsm/token.h"
#include "kpd/config/yaml_reader.h"

namespace kpd {

/// Label, and role, of a receiving party's key pair for key transport.
inline constexpr const char* kTransportPair = "TRANSPORT";

using TokensByParty = std::map<std::string, std::shared_ptr<hsm::Token>, std::less<>>;

/// Who holds a key, and for what.
struct KeyHolder {
  std::string party;
  hsm::Usage usage;
};

/// One shared key of an area plan.
struct SharedKey {
  std::string role;      ///< its name in jobs and label in tokens
  std::string key_role;  ///< what it is for (kpd/keyring/roles.h)
  hsm::KeyType type = hsm::KeyType::des2;
  std::size_t size = 16;
  hsm::Secret value;  ///< a published test value; empty: the device makes the key
  std::vector<KeyHolder> holders;
};

/// Reads the `keys` of an area plan.
std::vector<SharedKey> read_shared_keys(const YamlNode& node);

/// Makes the key at its first holder and moves it to the others wrapped under their transport key
/// pair (RSA-OAEP), inside the devices; the KCV is compared at each holder and the key is sealed
/// against export. Returns the KCV.
emvcrypto::Bytes distribute(const SharedKey& key, const TokensByParty& tokens);

}  // namespace kpd

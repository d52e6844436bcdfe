#include "kpd/area/key_distribution.h"

#include <array>

namespace kpd {
namespace {

constexpr std::size_t kTransportBits = 2048;

hsm::Usage read_usage(const YamlNode& node) {
  hsm::Usage usage;
  for (const YamlNode& item : node.list()) {
    const std::array flags{&usage.encrypt, &usage.decrypt, &usage.wrap, &usage.unwrap,
                           &usage.derive};
    *flags[item.choice({"encrypt", "decrypt", "wrap", "unwrap", "derive"})] = true;
  }
  return usage;
}

/// The receiving party's key pair for key transport, made when first needed.
hsm::Key transport_pair(hsm::Token& token) {
  if (auto pair = token.try_find(kTransportPair)) return *pair;
  return token.generate_rsa(kTransportBits, 65537, {.unwrap = true}, kTransportPair);
}

void require_kcv(hsm::Token& token, const hsm::Key& key, const SharedKey& shared,
                 const emvcrypto::Bytes& expected) {
  if (token.kcv(key) != expected)
    throw Failure(ExitCode::hold, "key " + shared.role + " arrived at token '" + token.label() +
                                      "' with another check value");
}

}  // namespace

std::vector<SharedKey> read_shared_keys(const YamlNode& node) {
  std::vector<SharedKey> keys;
  YamlMap map = node.map();
  for (const auto& [role, value] : map.all()) {
    YamlMap one = value.map();
    SharedKey key;
    key.role = role.text();
    key.key_role = one.text("role", key.role);
    const std::size_t type =
        one.need("type").choice({"des2", "des3", "aes128", "aes192", "aes256"});
    key.type = std::array{hsm::KeyType::des2, hsm::KeyType::des3, hsm::KeyType::aes,
                          hsm::KeyType::aes, hsm::KeyType::aes}[type];
    key.size = std::array<std::size_t, 5>{16, 24, 16, 24, 32}[type];
    if (const auto test_value = one.maybe("value"))
      key.value = hsm::Secret(emvcrypto::ByteView(test_value->hex(key.size)));
    YamlMap holders = one.need("holders").map();
    for (const auto& [party, usage] : holders.all())
      key.holders.push_back({party.text(), read_usage(usage)});
    if (key.holders.empty()) value.fail("a key needs a holder");
    one.finish();
    keys.push_back(std::move(key));
  }
  return keys;
}

emvcrypto::Bytes distribute(const SharedKey& key, const TokensByParty& tokens) {
  const auto token_of = [&](const std::string& party) -> hsm::Token& {
    const auto found = tokens.find(party);
    if (found == tokens.end())
      throw Failure(ExitCode::usage,
                    "key " + key.role + " is for '" + party + "', a party without a token");
    return *found->second;
  };
  hsm::Token& origin = token_of(key.holders.front().party);
  hsm::Usage usage = key.holders.front().usage;
  usage.extractable = key.holders.size() > 1;
  const hsm::Key made = key.value.empty()
                            ? origin.generate_secret(key.type, key.size, usage, key.role)
                            : origin.create_secret(key.type, key.value, usage, key.role);
  const emvcrypto::Bytes kcv = origin.kcv(made);
  for (std::size_t i = 1; i < key.holders.size(); ++i) {
    hsm::Token& receiver = token_of(key.holders[i].party);
    const hsm::Key pair = transport_pair(receiver);
    const hsm::Key their_public = origin.import_public(receiver.public_key(pair));
    const emvcrypto::Bytes block =
        origin.wrap(their_public, made, hsm::Token::WrapMethod::rsa_oaep);
    const hsm::Key arrived = receiver.unwrap(pair, block, hsm::Token::WrapMethod::rsa_oaep,
                                             key.type, key.size, key.holders[i].usage, key.role);
    require_kcv(receiver, arrived, key, kcv);
    receiver.seal_against_export(arrived);
  }
  origin.seal_against_export(made);
  return kcv;
}

}  // namespace kpd

#include "kpd/keyring/block_transfer.h"

#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/des_key_check.h"
#include "emvcrypto/key_block_dictionary.h"
#include "emvcrypto/key_block_wrap.h"
#include "kpd/exit_code.h"
#include "kpd/keyring/components.h"
#include "kpd/keys/hsm_cipher.h"

namespace kpd {
namespace {

using emvcrypto::KeyBlockHeader;
using emvcrypto::KeyBlockKeys;

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(ExitCode::hold, what);
}

KeyAlgorithm algorithm_of_entry(const KeyEntry& entry) {
  const auto algorithm =
      entry.info ? algorithm_of(entry.info->type, entry.info->size) : std::nullopt;
  if (!algorithm || *algorithm == KeyAlgorithm::rsa)
    refuse(fmt::format("{} is no DES or AES key in the token", entry.label));
  return *algorithm;
}

/// The keys that the protection key stands for at this version.
KeyBlockKeys open_protection(const Keyring& keys, const KeyEntry& protecting, char version) {
  if (!protecting.row || protecting.row->role != "KBPK")
    refuse(fmt::format(
        "{} {}: key blocks are protected by a registered key of the role KBPK", protecting.label,
        protecting.row ? "has the role " + protecting.row->role : "is not registered"));
  const KeyAlgorithm algorithm = algorithm_of_entry(protecting);
  if (is_des(algorithm) == (version == 'D'))
    refuse(fmt::format("{} is a key of {}: key blocks of version {} are under {}", protecting.label,
                       algorithm_name(algorithm), version, version == 'D' ? "AES" : "3DES"));
  const hsm::Key key = keys.token().find(protecting.label);
  if (version == 'A' || version == 'C') {
    if (!protecting.info->usage.extractable)
      refuse(
          fmt::format("versions A and C are made with variants of the protection key, which the "
                      "device cannot make, and {} may not leave it: use version B, or a "
                      "protection key that was made exportable",
                      protecting.label));
    return emvcrypto::key_block_keys(version, keys.token().expose(key));
  }
  HsmCipher cipher(keys.shared_token(), key);
  return emvcrypto::key_block_keys(version, cipher, key.size());
}

char algorithm_letter(KeyAlgorithm algorithm) {
  return is_des(algorithm) ? 'T' : 'A';
}

template <typename List>
std::string listed(const List& list) {
  std::string text;
  for (const auto& one : list) text += (text.empty() ? "" : ", ") + fmt::format("{}", one);
  return text;
}

KeyBlockHeader header_for(const KeyRole& role, const BlockOptions& options, char version,
                          KeyAlgorithm algorithm) {
  if (role.block_usages.empty())
    throw Failure(ExitCode::usage, fmt::format("keys of the role {} do not go into key blocks: "
                                               "export them with --wrap-with",
                                               role.name));
  KeyBlockHeader header;
  header.version = version;
  header.algorithm = algorithm_letter(algorithm);
  header.usage = options.usage.empty() ? std::string(role.block_usages.front()) : options.usage;
  if (std::ranges::find(role.block_usages, header.usage) == role.block_usages.end())
    throw Failure(ExitCode::usage, fmt::format("a key of the role {} has the key usage {}, not {}",
                                               role.name, listed(role.block_usages), header.usage));
  header.mode = options.mode == 0 ? role.block_modes.front() : options.mode;
  if (role.block_modes.find(header.mode) == role.block_modes.npos)
    throw Failure(ExitCode::usage,
                  fmt::format("a key of the role {} has the mode of use {}, not {}", role.name,
                              listed(role.block_modes), header.mode));
  header.exportability = options.exportability;
  if (const auto checked = emvcrypto::check_key_block_header(header); !checked)
    throw Failure(ExitCode::usage, checked.error().reason);
  return header;
}

emvcrypto::OptionalBlock kcv_block(const char* id, const hsm::CheckValues& values) {
  const bool aes = !values.cmac.empty();
  return {id, emvcrypto::key_check_block(aes, aes ? values.cmac : values.zeros)};
}

/// Checks a KC or KP block against the key that it speaks of.
void check_kcv_block(const KeyBlockHeader& header, const char* id, const hsm::CheckValues& values,
                     const char* whose) {
  const auto* block = emvcrypto::find_optional_block(header, id);
  if (block == nullptr || block->data.size() < 2) return;
  const std::string_view method = std::string_view(block->data).substr(0, 2);
  const std::string_view kcv = std::string_view(block->data).substr(2);
  if (!is_kcv_of(values, kcv, method == "01" ? KcvMethod::cmac : KcvMethod::zeros).value_or(false))
    refuse(fmt::format("the key block has the KCV {} for {}, which has {}", kcv, whose,
                       emvcrypto::to_hex(method == "01" ? values.cmac : values.zeros)));
}

/// Whether the block's mode of use (X9.143, Table 4) covers what the key is to do: one that only
/// verifies does no role's work, one that only generates opens nothing.
bool mode_allows(char mode, const hsm::Usage& usage) {
  const bool encipher = usage.encrypt || usage.wrap, decipher = usage.decrypt || usage.unwrap;
  if (mode == 'E') return !decipher;
  if (mode == 'D') return !encipher;
  if (mode == 'G') return !decipher;
  return mode != 'V';
}

void check_header(const KeyBlockHeader& header, const KeyRole& role, const hsm::Usage& usage) {
  if (const auto checked = emvcrypto::check_key_block_header(header); !checked)
    refuse("the key block: " + checked.error().reason);
  if (std::ranges::find(role.block_usages, header.usage) == role.block_usages.end())
    refuse(fmt::format("the key block is for the key usage {}; a key of the role {} has {}",
                       header.usage, role.name,
                       role.block_usages.empty() ? "none" : listed(role.block_usages)));
  if (role.block_modes.find(header.mode) == role.block_modes.npos ||
      !mode_allows(header.mode, usage))
    refuse(
        fmt::format("the key block has the mode of use {}; a key of the role {} that may {} "
                    "needs another",
                    header.mode, role.name, usage_text(usage)));
  if (header.key_version.starts_with('c'))
    refuse(fmt::format("the key block holds component {} of a key, not the key",
                       header.key_version.substr(1)));
  if (usage.extractable && header.exportability == 'N')
    refuse("the key block is not exportable (N): its key cannot become exportable here");
}

}  // namespace

emvcrypto::Expected<void> check_protection(KeyAlgorithm protecting, KeyAlgorithm inside) {
  // Bits of strength (NIST SP 800-57-1, Table 2).
  const auto strength = [](KeyAlgorithm algorithm) -> std::size_t {
    if (algorithm == KeyAlgorithm::des2) return 80;
    if (algorithm == KeyAlgorithm::des3) return 112;
    return 8 * key_size(algorithm);
  };
  if (strength(protecting) >= strength(inside)) return {};
  return emvcrypto::fault("key-protection",
                          fmt::format("a key of {} is weaker than the {} key that it would protect",
                                      algorithm_name(protecting), algorithm_name(inside)));
}

std::string export_block(const Keyring& keys, const KeyEntry& key, const KeyEntry& protecting,
                         const BlockOptions& options) {
  const KeyRole* role = key.row ? find_role(key.row->role) : nullptr;
  if (role == nullptr)
    refuse(fmt::format("{} has no role: `kpd key register` it first", key.label));
  if (key.row->exportability == 'E' && options.exportability == 'S')
    refuse(fmt::format("{} came in a key block of exportability E: it leaves with E or N, not S",
                       key.label));
  const KeyAlgorithm algorithm = algorithm_of_entry(key);
  const KeyAlgorithm under = algorithm_of_entry(protecting);
  if (const auto strong = check_protection(under, algorithm); !strong)
    refuse(strong.error().reason);
  const char version = options.version != 0 ? options.version : is_des(under) ? 'B' : 'D';
  KeyBlockHeader header = header_for(*role, options, version, algorithm);
  if (options.with_kcv)
    header.blocks = {kcv_block("KC", key.kcvs), kcv_block("KP", protecting.kcvs)};
  KeyBlockKeys block_keys = open_protection(keys, protecting, version);
  const hsm::Secret value = keys.token().expose(keys.token().find(key.label));
  const std::size_t shown = emvcrypto::hidden_key_size(header.algorithm, value.size());
  return emvcrypto::wrap_key_block(
      header, value, block_keys, shown,
      keys.token().random(emvcrypto::key_block_fill_size(version, value.size(), shown)));
}

ImportedKey import_block(const Keyring& keys, const std::string& text, const KeyEntry& protecting,
                         const KeyRole& role, const hsm::Usage& usage, bool weak_allowed) {
  const auto block = emvcrypto::parse_key_block(text);
  if (!block) refuse("this is no key block: " + block.error().reason);
  const KeyBlockHeader& header = block->header;
  check_header(header, role, usage);
  check_kcv_block(header, "KP", protecting.kcvs, "its protection key");
  KeyBlockKeys block_keys = open_protection(keys, protecting, header.version);
  auto value = emvcrypto::unwrap_key_block(*block, block_keys);
  if (!value) refuse("the key block is refused: " + value.error().reason);

  ImportedKey key;
  const auto algorithm = algorithm_of(header.algorithm == 'A' ? hsm::KeyType::aes
                                      : value->size() == 16   ? hsm::KeyType::des2
                                                              : hsm::KeyType::des3,
                                      value->size());
  if (!algorithm || (header.algorithm != 'A' && header.algorithm != 'T') ||
      std::ranges::find(role.algorithms, *algorithm) == role.algorithms.end())
    refuse(fmt::format("the key block holds a key of another algorithm than the role {} has",
                       role.name));
  if (const auto strong = check_protection(algorithm_of_entry(protecting), *algorithm); !strong)
    refuse("the key block is refused: " + strong.error().reason);
  key.algorithm = *algorithm;
  key.header = header;
  key.value = std::move(*value);
  if (is_des(key.algorithm)) emvcrypto::set_odd_parity(key.value.expose_mutable());
  key.kcvs = check_values(key.algorithm, key.value);
  check_kcv_block(header, "KC", key.kcvs, "its key");
  if (const auto strong = check_strength(key.value, key.algorithm, role); !strong && !weak_allowed)
    refuse("the key is refused: " + strong.error().reason);
  return key;
}

}  // namespace kpd

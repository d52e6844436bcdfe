// Usages, algorithms, modes and optional blocks of key blocks. What a usage allows is from X9.143
// and what HSMs enforce; where those leave it open, any mode.
#include "emvcrypto/key_block_dictionary.h"

#include <algorithm>

namespace emvcrypto {
namespace {

constexpr std::string_view kBlockCiphers = "TA";
constexpr std::string_view kPublicKeys = "RES";
constexpr std::string_view kWrap = "BDEN";
constexpr std::string_view kMac = "CGVN";
constexpr std::string_view kSign = "SVN";
constexpr std::string_view kDerive = "XN";
constexpr std::string_view kAny;

constexpr KeyBlockUsage kUsages[] = {
    {"B0", "BDK, base derivation key", kBlockCiphers, kDerive},
    {"B1", "DUKPT initial key", kBlockCiphers, kDerive},
    {"B2", "base key variant key", kBlockCiphers, kDerive},
    {"B3", "key derivation key", "TAH", kDerive},
    {"C0", "CVK, card verification key", kBlockCiphers, kMac},
    {"D0", "data encryption, symmetric", "TAD", kWrap},
    {"D1", "data encryption, asymmetric", "RE", kWrap},
    {"D2", "data encryption for a decimalisation table", kBlockCiphers, kWrap},
    {"D3", "data encryption for sensitive data", kBlockCiphers, kWrap},
    {"E0", "EMV issuer master key: application cryptograms", kBlockCiphers, kDerive},
    {"E1", "EMV issuer master key: script confidentiality", kBlockCiphers, kDerive},
    {"E2", "EMV issuer master key: script integrity", kBlockCiphers, kDerive},
    {"E3", "EMV issuer master key: data authentication code", kBlockCiphers, kDerive},
    {"E4", "EMV issuer master key: dynamic numbers", kBlockCiphers, kDerive},
    {"E5", "EMV issuer master key: card personalisation", kBlockCiphers, kAny},
    {"E6", "EMV issuer master key: other", kBlockCiphers, kAny},
    {"E7", "EMV asymmetric key pair for PIN encipherment", kPublicKeys, kAny},
    {"I0", "initialisation vector", kBlockCiphers, kAny},
    {"K0", "KEK, key encryption or wrapping", kBlockCiphers, kWrap},
    {"K1", "KBPK, key block protection key", kBlockCiphers, kWrap},
    {"K2", "TR-34 asymmetric key of the receiving device", "RE", kAny},
    {"K3", "asymmetric key for wrapping or agreement", "RE", kAny},
    {"K4", "ISO 20038 key block protection key", kBlockCiphers, kWrap},
    {"M0", "MAC, ISO 16609 algorithm 1", "T", kMac},
    {"M1", "MAC, ISO 9797-1 algorithm 1", "TAD", kMac},
    {"M2", "MAC, ISO 9797-1 algorithm 2", "T", kMac},
    {"M3", "MAC, ISO 9797-1 algorithm 3", "TD", kMac},
    {"M4", "MAC, ISO 9797-1 algorithm 4", "T", kMac},
    {"M5", "MAC, ISO 9797-1:1999 algorithm 5", kBlockCiphers, kMac},
    {"M6", "MAC, ISO 9797-1:2011 algorithm 5, CMAC", kBlockCiphers, kMac},
    {"M7", "HMAC", "H", kMac},
    {"M8", "MAC, ISO 9797-1 algorithm 6", kBlockCiphers, kMac},
    {"P0", "PIN encipherment", kBlockCiphers, kWrap},
    {"P1", "PIN generation", kBlockCiphers, kAny},
    {"S0", "signature, asymmetric key pair", kPublicKeys, kSign},
    {"S1", "signature, certification authority's key pair", kPublicKeys, kSign},
    {"S2", "signature, asymmetric key pair for other use", kPublicKeys, kSign},
    {"V0", "PIN verification, other algorithm", kBlockCiphers, kMac},
    {"V1", "PIN verification, IBM 3624", kBlockCiphers, kMac},
    {"V2", "PVK, PIN verification by PVV", kBlockCiphers, kMac},
    {"V3", "PIN verification, X9.132 algorithm 1", kBlockCiphers, kMac},
    {"V4", "PIN verification, X9.132 algorithm 2", kBlockCiphers, kMac},
    {"V5", "PIN verification, X9.132 algorithm 3", kBlockCiphers, kMac},
};

constexpr KeyBlockCode kAlgorithms[] = {
    {"A", "AES"}, {"D", "DES"},  {"E", "elliptic curves"}, {"H", "HMAC"}, {"R", "RSA"},
    {"S", "DSA"}, {"T", "3DES"},
};

constexpr KeyBlockCode kModes[] = {
    {"B", "encrypt and decrypt, wrap and unwrap"},
    {"C", "MAC or code: generate and verify"},
    {"D", "decrypt or unwrap"},
    {"E", "encrypt or wrap"},
    {"G", "MAC or code: generate"},
    {"N", "no restriction but the usage"},
    {"S", "sign"},
    {"T", "sign and decrypt"},
    {"V", "MAC, code or signature: verify"},
    {"X", "derive keys"},
    {"Y", "make variants of keys"},
};

constexpr KeyBlockCode kExportabilities[] = {
    {"E", "exportable in a trusted key block under a KEK"},
    {"N", "not exportable"},
    {"S", "sensitive: exportable under a KEK in other forms too"},
};

constexpr KeyBlockCode kOptions[] = {
    {"AL", "asymmetric key life"},
    {"BI", "base derivation key identifier"},
    {"CT", "public key certificate"},
    {"DA", "derivations allowed"},
    {"FL", "flags"},
    {"HM", "hash algorithm of HMAC"},
    {"IK", "initial key identifier of AES DUKPT"},
    {"KC", "check value of the key"},
    {"KP", "check value of the protection key"},
    {"KS", "key set identifier, initial key serial number"},
    {"KV", "version of the header's values"},
    {"LB", "label"},
    {"PB", "padding"},
    {"PK", "check value of the protection key of an export"},
    {"TC", "time of creation"},
    {"TS", "time stamp"},
    {"WP", "wrapping pedigree"},
};

bool knows(std::span<const KeyBlockCode> table, std::string_view code) {
  return std::ranges::find(table, code, &KeyBlockCode::code) != table.end();
}

bool is_proprietary(std::string_view usage) {
  return usage.size() == 2 && usage[0] >= '1' && usage[0] <= '9' && usage[1] >= '0' &&
         usage[1] <= '9';
}

bool allows(std::string_view list, char code) {
  return list.empty() || list.find(code) != std::string_view::npos;
}

}  // namespace

std::span<const KeyBlockUsage> key_block_usages() {
  return kUsages;
}
std::span<const KeyBlockCode> key_block_algorithms() {
  return kAlgorithms;
}
std::span<const KeyBlockCode> key_block_modes() {
  return kModes;
}
std::span<const KeyBlockCode> key_block_exportabilities() {
  return kExportabilities;
}
std::span<const KeyBlockCode> key_block_option_names() {
  return kOptions;
}

const KeyBlockUsage* find_key_block_usage(std::string_view code) {
  const auto* found = std::ranges::find(kUsages, code, &KeyBlockUsage::code);
  return found == std::end(kUsages) ? nullptr : found;
}

Expected<void> check_key_block_header(const KeyBlockHeader& header) {
  const auto wrong = [](std::string reason) { return fault("key-block-usage", std::move(reason)); };
  const auto one = [](const char& code) { return std::string_view(&code, 1); };
  if (!knows(kAlgorithms, one(header.algorithm)))
    return wrong(std::string("algorithm ") + header.algorithm + " is none of a key block");
  if (!knows(kModes, one(header.mode)))
    return wrong(std::string("mode of use ") + header.mode + " is none of a key block");
  if (!knows(kExportabilities, one(header.exportability)))
    return wrong(std::string("exportability ") + header.exportability + " is none of E, N and S");
  if (is_proprietary(header.usage)) return {};
  const KeyBlockUsage* usage = find_key_block_usage(header.usage);
  if (usage == nullptr) return wrong("key usage " + header.usage + " is none of a key block");
  if (!allows(usage->algorithms, header.algorithm))
    return wrong("key usage " + header.usage + " is not for algorithm " + header.algorithm);
  if (!allows(usage->modes, header.mode))
    return wrong("key usage " + header.usage + " does not allow mode of use " + header.mode);
  return {};
}

std::string key_check_block(bool by_cmac, ByteView check_value) {
  return (by_cmac ? "01" : "00") + to_hex(check_value);
}

const OptionalBlock* find_optional_block(const KeyBlockHeader& header, std::string_view id) {
  const auto found = std::ranges::find(header.blocks, id, &OptionalBlock::id);
  return found == header.blocks.end() ? nullptr : &*found;
}

}  // namespace emvcrypto

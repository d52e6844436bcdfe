// Check values of keys, and keys in components.
#include <fmt/format.h>

#include "emvcrypto/aead.h"
#include "emvcrypto/des_key_check.h"
#include "emvcrypto/kcv.h"
#include "emvcrypto/key_check.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

constexpr Parameter kAlgorithm =
    choice("algorithm", "des aes", "Algorithm of the key").or_else("des");
constexpr std::array kKcvParameters{
    kAlgorithm, key("key", "Key: 8, 16 or 24 bytes for DES; 16, 24 or 32 for AES").sized(8, 32, 8)};

bool fits(bool aes, std::size_t size) {
  return aes ? size >= 16 : size <= 24;
}

/// Why a key can be none that protects anything.
std::string weakness(const Secret& key, bool aes) {
  const auto sound = aes ? emvcrypto::check_aes_key(key) : emvcrypto::check_des_key(key);
  return sound ? "none" : sound.error().reason;
}

Done kcv(const Arguments& arguments, Result& result) {
  const Secret& key = arguments.secret("key");
  const bool aes = arguments.text("algorithm") == "aes";
  if (!fits(aes, key.size())) return usage("key: no key of that algorithm has this length");
  const auto cipher = aes ? emvcrypto::make_aes(key.expose()) : emvcrypto::make_des(key.expose());
  result.number("bits", 8 * key.size());
  Bytes zero(cipher->block_size());
  cipher->encrypt(zero);
  result.hex("legacy", ByteView(zero).first(3));
  if (aes) {
    result.hex("cmac", emvcrypto::aes_cmac_kcv(key.expose()));
    result.hex("card", emvcrypto::aes_gp_kcv(*cipher));
  } else {
    result.truth("odd_parity", emvcrypto::has_odd_parity(key.expose()));
  }
  result.text("weakness", weakness(key, aes));
  return {};
}

constexpr std::array kCombineParameters{
    kAlgorithm, key("component", "Component; give each").sized(8, 32, 8).several(),
    truth("odd-parity", "Set odd parity on the combined DES key"),
    hex("kcv", "Check value that the key must have").sized(2, 5).optional()};

KeyType type_of(bool aes) {
  return aes ? KeyType::aes : KeyType::des;
}

Done combine(const Arguments& arguments, Result& result) {
  const auto components = arguments.secrets("component");
  const bool aes = arguments.text("algorithm") == "aes";
  if (components.size() < 2) return usage("component: two or more are wanted");
  Secret key(components[0].size());
  Result list = result.list("components");
  for (std::size_t i = 0; i < components.size(); ++i) {
    if (components[i].size() != key.size() || !fits(aes, key.size()))
      return usage("component: all are wanted in one length, which the algorithm knows");
    for (std::size_t j = 0; j < i; ++j)
      if (components[j].equals(components[i]))
        return emvcrypto::fault("component", fmt::format("components {} and {} are the same: they "
                                                         "cancel each other",
                                                         j + 1, i + 1));
    list.group("").hex("kcv", key_check_value(components[i], type_of(aes)));
    for (std::size_t j = 0; j < key.size(); ++j)
      key.expose_mutable()[j] ^= components[i].expose()[j];
  }
  if (arguments.truth("odd-parity") && !aes) emvcrypto::set_odd_parity(key.expose_mutable());
  result.key("key", key, type_of(aes));
  result.text("weakness", weakness(key, aes));
  if (!arguments.has("kcv")) return {};
  const ByteView wanted = arguments.bytes("kcv");
  const Bytes kcv = key_check_value(key, type_of(aes));
  const std::size_t size = std::min(wanted.size(), kcv.size());
  const bool same = std::ranges::equal(wanted.first(size), ByteView(kcv).first(size));
  result.truth("matches", same);
  if (!same) return emvcrypto::fault("kcv", "the combined key has another check value");
  return {};
}

constexpr std::array kSplitParameters{
    kAlgorithm, key("key", "Key to split").sized(8, 32, 8),
    number("count", "Number of components").sized(2, 9).or_else("3"),
    key("random", "Components but the last (default: drawn)").sized(8, 256, 8).optional()};

Done split(const Arguments& arguments, Result& result) {
  const Secret& key = arguments.secret("key");
  const bool aes = arguments.text("algorithm") == "aes";
  if (!fits(aes, key.size())) return usage("key: no key of that algorithm has this length");
  const std::size_t count = arguments.number("count");
  Secret random;
  if (arguments.has("random"))
    random = arguments.secret("random").duplicate();
  else
    random = Secret(emvcrypto::system_random((count - 1) * key.size()));
  if (random.size() != (count - 1) * key.size())
    return usage("random: as many bytes are wanted as all components but the last have");
  result.check_value("key", key, type_of(aes));
  Result list = result.list("components");
  Secret last = key.duplicate();
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const Secret part(random.expose().subspan(i * key.size(), key.size()));
    for (std::size_t j = 0; j < key.size(); ++j) last.expose_mutable()[j] ^= part.expose()[j];
    list.key("", part, type_of(aes));
  }
  list.key("", last, type_of(aes));
  if (!result.shows_secrets())
    return usage("components that nobody sees are of no use: --clear-test-keys shows them");
  return {};
}

}  // namespace

constinit const Function kKcv{"kcv", "Check values of a key, by every method", kKcvParameters,
                              "--algorithm aes --key 404142434445464748494A4B4C4D4E4F "
                              "--clear-test-keys",
                              kcv};
constinit const Function kComponentsCombine{
    "components combine", "Key from its components, with the check value of each",
    kCombineParameters,
    "--component 0123456789ABCDEFFEDCBA9876543210 --component 89E88CF7931444F334BD7547FC3F380C "
    "--odd-parity --clear-test-keys",
    combine};
constinit const Function kComponentsSplit{
    "components split", "Components of a key, with the check value of each", kSplitParameters,
    "--key 0123456789ABCDEFFEDCBA9876543210 --count 2 --random 89E88CF7931444F334BD7547FC3F380C "
    "--clear-test-keys",
    split};

}  // namespace kpd::calc

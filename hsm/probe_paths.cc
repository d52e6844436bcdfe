// The very calls that secrets take through the device, with values that this process knows.
#include <array>

#include "emvcrypto/cipher.h"
#include "emvcrypto/kcv.h"
#include "hsm/mechanism_probe.h"

namespace hsm {

namespace {

constexpr const char* kGroup = "paths";

Bytes host_ecb(KeyType type, const Secret& key, Bytes blocks) {
  (type == KeyType::aes ? emvcrypto::make_aes(key.expose()) : emvcrypto::make_des(key.expose()))
      ->encrypt(blocks);
  return blocks;
}

/// Right bytes, odd parity and check value, as a card's key must be.
bool derives_and_wraps(Token& token, KeyType transport_type) {
  const Secret master_value = probe_key(16, 5);
  const Secret transport_value = probe_key(transport_type == KeyType::aes ? 32 : 16, 11);
  const Key master = token.create_secret(KeyType::des2, master_value, {.derive = true});
  const Key transport = token.create_secret(transport_type, transport_value, {.wrap = true});
  const std::array inputs = {probe_pattern(16)};
  const auto made = token.derive_wrapped(master, inputs, transport);
  Secret key(host_ecb(KeyType::des2, master_value, inputs[0]));
  emvcrypto::set_odd_parity(key.expose_mutable());
  const Bytes bare(key.expose().begin(), key.expose().end());
  return made.front().wrapped == host_ecb(transport_type, transport_value, bare) &&
         made.front().kcv == emvcrypto::des_kcv(*emvcrypto::make_des(key.expose()));
}

bool rewraps(Token& token, bool masked) {
  const Secret from_value = probe_key(16, 17);
  const Secret to_value = probe_key(16, 23);
  const Key from = token.create_secret(KeyType::des2, from_value, {.unwrap = true});
  const Key to = token.create_secret(KeyType::des2, to_value, {.wrap = true});
  Bytes clear = probe_pattern(8);
  const Bytes mask{0x20, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x80};
  const Bytes came = host_ecb(KeyType::des2, from_value, clear);
  const std::array secrets = {Passage{came, masked ? ByteView(mask) : ByteView()}};
  const auto went = token.rewrap_ecb(from, to, secrets);
  if (masked)
    for (std::size_t i = 0; i < clear.size(); ++i) clear[i] ^= mask[i];
  return went.front() == host_ecb(KeyType::des2, to_value, clear);
}

bool unwraps_keys(Token& token) {
  const Secret above_value = probe_key(16, 29);
  const Key above = token.create_secret(KeyType::des2, above_value, {.unwrap = true});
  for (const std::size_t size : {std::size_t{16}, std::size_t{24}}) {
    // Parity as it comes: keys of batches are drawn enciphered.
    const Bytes value = probe_pattern(size);
    const Key key =
        token.unwrap_ecb(above, host_ecb(KeyType::des2, above_value, value), {.encrypt = true});
    Bytes by_device = probe_pattern(16);
    Bytes by_host = by_device;
    token.encrypt_ecb(key, by_device);
    emvcrypto::make_des(value)->encrypt(by_host);
    if (by_device != by_host) return false;
  }
  return true;
}

bool wraps_public(Token& token) {
  const Secret value = probe_key(16, 31);
  const Key key = token.create_secret(KeyType::des2, value, {.wrap = true});
  const Bytes padding{0x80, 0, 0, 0, 0, 0, 0, 0};
  return token.wrap_public(key, padding) == host_ecb(KeyType::des2, value, padding);
}

}  // namespace

void add_path_probes(Probes& to) {
  const auto add = [&](const std::string& name, const std::string& mechanism, auto run) {
    to.push_back({{name, kGroup, mechanism}, [run](Token& token, auto&) { return run(token); }});
  };
  add(kDeriveWrapDes, "CKM_DES3_ECB_ENCRYPT_DATA",
      [](Token& t) { return derives_and_wraps(t, KeyType::des2); });
  add(kDeriveWrapAes, "CKM_DES3_ECB_ENCRYPT_DATA",
      [](Token& t) { return derives_and_wraps(t, KeyType::aes); });
  add(kRewrap, "CKM_DES3_ECB", [](Token& t) { return rewraps(t, false); });
  add(kRewrapMasked, "CKM_XOR_BASE_AND_DATA", [](Token& t) { return rewraps(t, true); });
  add(kUnwrapDes, "CKM_DES3_ECB", unwraps_keys);
  add(kWrapPublic, "CKM_DES3_ECB", wraps_public);
}

}  // namespace hsm

/// Reading test vectors from test/vectors.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "emvcrypto/bytes.h"
#include "emvcrypto/cipher.h"
#include "emvcrypto/rsa.h"

namespace test {

using emvcrypto::Bytes;
using emvcrypto::from_hex;
using emvcrypto::to_hex;
using nlohmann::json;

/// The "vectors" of test/vectors/<name>.json.
inline json vectors(const std::string& name) {
  std::ifstream file(std::string(KPD_TEST_VECTORS) + "/" + name + ".json");
  return json::parse(file).at("vectors");
}

/// The vector with this id.
inline json vector(const std::string& name, const std::string& id) {
  for (json& entry : vectors(name))
    if (entry.at("id") == id) return entry;
  throw std::out_of_range(name + ":" + id);
}

/// A text field of an object.
inline std::string text(const json& object, const std::string& field) {
  return object.at(field).get<std::string>();
}

/// A hexadecimal field of an object.
inline Bytes hex(const json& object, const std::string& field) {
  return from_hex(text(object, field));
}

/// The leftmost bytes of a zero block under a DES key, as check values are.
inline std::string kcv(emvcrypto::ByteView key, std::size_t size) {
  Bytes block(8);
  emvcrypto::make_des(key)->encrypt(block);
  block.resize(size);
  return to_hex(block);
}

/// Whether test_private_keys.json gives the CRT parts of a key.
inline bool has_crt(const json& vector) {
  return vector.at("inputs").contains("dp");
}

/// The signer of one key of test_private_keys.json.
inline std::unique_ptr<emvcrypto::RsaSigner> signer(const std::string& id) {
  const json inputs = vector("test_private_keys", id).at("inputs");
  Bytes exponent;
  emvcrypto::append_number(exponent, inputs.at("e").get<unsigned>(), 3);
  while (exponent[0] == 0) exponent.erase(exponent.begin());
  const auto part = [&](const char* name) { return emvcrypto::Secret(hex(inputs, name)); };
  return emvcrypto::make_rsa_signer({hex(inputs, "n"), exponent},
                                    {part("p"), part("q"), part("dp"), part("dq"), part("qinv")});
}

/// One block under a signer.
inline Bytes sign(emvcrypto::RsaSigner& signer, const Bytes& block) {
  return signer.sign_raw(std::span(&block, 1)).at(0);
}

/// A public key of ca_public_keys.json by "RID/index".
inline emvcrypto::RsaPublicKey ca_key(const std::string& name) {
  for (const json& entry : vectors("ca_public_keys")) {
    const json& inputs = entry.at("inputs");
    if (text(inputs, "RID") + "/" + text(inputs, "index") == name)
      return {hex(inputs, "modulus"), hex(inputs, "exponent")};
  }
  throw std::out_of_range(name);
}

}  // namespace test

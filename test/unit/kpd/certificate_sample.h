/// Vectors and test keys for certificate tests.
#pragma once

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "emvcrypto/rsa.h"

namespace kpd_test {

inline nlohmann::json vectors_of(const std::string& file) {
  std::ifstream in(std::string(KPD_TEST_VECTORS) + "/" + file + ".json");
  return nlohmann::json::parse(in).at("vectors");
}

inline nlohmann::json vector_of(const std::string& file, const std::string& id) {
  for (const auto& vector : vectors_of(file))
    if (vector.at("id") == id) return vector;
  throw std::logic_error("no vector " + id);
}

/// The published test key of this name.
inline std::unique_ptr<emvcrypto::RsaSigner> signer_of(const std::string& id) {
  const auto key = vector_of("test_private_keys", id).at("inputs");
  const auto number = [&](const char* name) {
    return emvcrypto::from_hex(key.at(name).get<std::string>());
  };
  const auto part = [&](const char* name) { return emvcrypto::Secret(number(name)); };
  return emvcrypto::make_rsa_signer(
      {number("n"), {static_cast<std::uint8_t>(key.at("e").get<int>())}},
      {part("p"), part("q"), part("dp"), part("dq"), part("qinv")});
}

}  // namespace kpd_test

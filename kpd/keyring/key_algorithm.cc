#include "kpd/keyring/key_algorithm.h"

#include <array>
#include <stdexcept>

#include "emvcrypto/kcv.h"

namespace kpd {
namespace {

using emvcrypto::Bytes;

struct Row {
  KeyAlgorithm algorithm;
  std::string_view name;
  hsm::KeyType type;
  std::size_t size;
};

constexpr std::array kRows{Row{KeyAlgorithm::des2, "des2", hsm::KeyType::des2, 16},
                           Row{KeyAlgorithm::des3, "des3", hsm::KeyType::des3, 24},
                           Row{KeyAlgorithm::aes128, "aes128", hsm::KeyType::aes, 16},
                           Row{KeyAlgorithm::aes192, "aes192", hsm::KeyType::aes, 24},
                           Row{KeyAlgorithm::aes256, "aes256", hsm::KeyType::aes, 32},
                           Row{KeyAlgorithm::rsa, "rsa", hsm::KeyType::rsa_private, 0}};

constexpr std::array<std::string_view, 3> kMethods{"zeros", "ones", "cmac"};

const Row& row_of(KeyAlgorithm algorithm) {
  return kRows[static_cast<std::size_t>(algorithm)];
}

constexpr std::size_t kKcvSize = 3;
constexpr std::size_t kLeastDigits = 4;
constexpr std::size_t kMostDigits = 10;

}  // namespace

std::string_view algorithm_name(KeyAlgorithm algorithm) {
  return row_of(algorithm).name;
}

std::optional<KeyAlgorithm> find_algorithm(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return row.algorithm;
  return std::nullopt;
}

std::optional<KeyAlgorithm> algorithm_of(hsm::KeyType type, std::size_t size) {
  for (const Row& row : kRows)
    if (row.type == type && (row.size == size || row.size == 0)) return row.algorithm;
  return std::nullopt;
}

hsm::KeyType key_type(KeyAlgorithm algorithm) {
  return row_of(algorithm).type;
}

std::size_t key_size(KeyAlgorithm algorithm) {
  return row_of(algorithm).size;
}

bool is_des(KeyAlgorithm algorithm) {
  return algorithm == KeyAlgorithm::des2 || algorithm == KeyAlgorithm::des3;
}

std::string_view kcv_method_name(KcvMethod method) {
  return kMethods[static_cast<std::size_t>(method)];
}

std::optional<KcvMethod> find_kcv_method(std::string_view name) {
  for (std::size_t i = 0; i < kMethods.size(); ++i)
    if (kMethods[i] == name) return static_cast<KcvMethod>(i);
  return std::nullopt;
}

KcvMethod usual_kcv_method(KeyAlgorithm algorithm) {
  return row_of(algorithm).type == hsm::KeyType::aes ? KcvMethod::ones : KcvMethod::zeros;
}

hsm::CheckValues check_values(KeyAlgorithm algorithm, const emvcrypto::Secret& key) {
  if (algorithm == KeyAlgorithm::rsa || key.size() != key_size(algorithm))
    throw std::invalid_argument("check values are those of a whole symmetric key");
  if (is_des(algorithm)) return {emvcrypto::des_kcv(*emvcrypto::make_des(key.expose())), {}, {}};
  const auto cipher = emvcrypto::make_aes(key.expose());
  Bytes zeros(cipher->block_size());
  cipher->encrypt(zeros);
  zeros.resize(kKcvSize);
  return {zeros, emvcrypto::aes_gp_kcv(*cipher), emvcrypto::aes_cmac_kcv(key.expose())};
}

const Bytes& kcv_by(const hsm::CheckValues& values, KcvMethod method) {
  if (method == KcvMethod::zeros) return values.zeros;
  return method == KcvMethod::ones ? values.ones : values.cmac;
}

const Bytes& usual_kcv(const hsm::CheckValues& values) {
  return values.ones.empty() ? values.zeros : values.ones;
}

std::optional<bool> is_kcv_of(const hsm::CheckValues& values, std::string_view written,
                              std::optional<KcvMethod> method) {
  const auto bytes = emvcrypto::parse_hex(written);
  if (!bytes || written.size() < kLeastDigits || written.size() > kMostDigits) return std::nullopt;
  const auto is = [&](KcvMethod one) {
    const Bytes& value = kcv_by(values, one);
    return value.size() >= bytes->size() && std::equal(bytes->begin(), bytes->end(), value.begin());
  };
  if (method) return is(*method);
  return is(KcvMethod::zeros) || is(KcvMethod::ones) || is(KcvMethod::cmac);
}

}  // namespace kpd

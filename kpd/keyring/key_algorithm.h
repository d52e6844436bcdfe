/// The kinds of keys that a key officer makes: names, sizes, check values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hsm/token.h"

namespace kpd {

enum class KeyAlgorithm { des2, des3, aes128, aes192, aes256, rsa };

/// "des2"; the words of area plans and options.
std::string_view algorithm_name(KeyAlgorithm algorithm);
std::optional<KeyAlgorithm> find_algorithm(std::string_view name);
/// The algorithm of a key in a token; nothing for what is none of these.
std::optional<KeyAlgorithm> algorithm_of(hsm::KeyType type, std::size_t size);

hsm::KeyType key_type(KeyAlgorithm algorithm);
/// Bytes of a symmetric key; 0 for RSA.
std::size_t key_size(KeyAlgorithm algorithm);
bool is_des(KeyAlgorithm algorithm);

/// How a check value is found: a zero block enciphered (DES and older AES), 01*16 enciphered (AES
/// by GlobalPlatform and CPS 2.0), CMAC of a zero block (AES by X9.143).
enum class KcvMethod { zeros, ones, cmac };
std::string_view kcv_method_name(KcvMethod method);
std::optional<KcvMethod> find_kcv_method(std::string_view name);
/// What plans, registers and messages call the KCV: `ones` of an AES key, else `zeros`.
KcvMethod usual_kcv_method(KeyAlgorithm algorithm);

/// The check values of a clear key. key: bytes of this algorithm (not RSA).
hsm::CheckValues check_values(KeyAlgorithm algorithm, const emvcrypto::Secret& key);
/// The one of this method; empty when the algorithm has none.
const emvcrypto::Bytes& kcv_by(const hsm::CheckValues& values, KcvMethod method);
const emvcrypto::Bytes& usual_kcv(const hsm::CheckValues& values);

/// Whether a KCV that a person wrote is one of these: 4 to 10 hexadecimal digits, the first of one
/// of them. Nothing when it is no such text. Without a method any will do.
std::optional<bool> is_kcv_of(const hsm::CheckValues& values, std::string_view written,
                              std::optional<KcvMethod> method = std::nullopt);

}  // namespace kpd

#include "kpd/keyring/wrapped_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "kpd/exit_code.h"
#include "kpd/keyring/block_transfer.h"
#include "kpd/keyring/public_key.h"

namespace kpd {
namespace {

using Method = hsm::Token::WrapMethod;

constexpr std::array<std::pair<Method, std::string_view>, 4> kMethods{
    {{Method::aes_kw, "aes-kw"},
     {Method::aes_kwp, "aes-kwp"},
     {Method::rsa_oaep, "rsa-oaep-sha1"},
     {Method::rsa_oaep_sha256, "rsa-oaep-sha256"}}};
constexpr const char* kKind = "wrapped-key";
constexpr std::size_t kLeastModulus = 256;

[[noreturn]] void refuse(const std::string& what) {
  throw Failure(ExitCode::hold, what);
}

void require_leaves(const KeyEntry& key) {
  if (!key.info || !key.info->usage.extractable)
    refuse(fmt::format("{} was not made exportable: it stays in its token", key.label));
  if (key.row && key.row->exportability == 'E')
    refuse(fmt::format("{} came in a key block of exportability E: it leaves in a key block alone",
                       key.label));
}

WrappedKey describe(const KeyEntry& key, Method method) {
  const auto algorithm = algorithm_of(key.info->type, key.info->size);
  return {key.id.name,
          key.row ? key.row->role : "",
          algorithm ? std::string(algorithm_name(*algorithm)) : "",
          std::string(wrap_method_name(method)),
          key.kcv,
          "",
          {}};
}

void require_strength(const KeyEntry& kek, KeyAlgorithm inside) {
  const auto algorithm = algorithm_of(kek.info->type, kek.info->size);
  if (!algorithm) refuse(fmt::format("{} is no key that wraps others", kek.label));
  if (*algorithm == KeyAlgorithm::rsa) return;
  if (const auto strong = check_protection(*algorithm, inside); !strong)
    refuse(strong.error().reason);
}

}  // namespace

std::string_view wrap_method_name(Method method) {
  for (const auto& [one, name] : kMethods)
    if (one == method) return name;
  return "";
}

std::optional<Method> find_wrap_method(std::string_view name) {
  for (const auto& [method, known] : kMethods)
    if (known == name) return method;
  return std::nullopt;
}

bool is_rsa(Method method) {
  return method == Method::rsa_oaep || method == Method::rsa_oaep_sha256;
}

std::string wrapped_key_text(const WrappedKey& key) {
  return nlohmann::ordered_json{{"kind", kKind},      {"name", key.name},
                                {"role", key.role},   {"algorithm", key.algorithm},
                                {"kcv", key.kcv},     {"method", key.method},
                                {"under", key.under}, {"wrapped", emvcrypto::to_hex(key.wrapped)}}
             .dump(2) +
         "\n";
}

WrappedKey parse_wrapped_key(const std::string& text, const std::string& file) {
  std::string digits = text;
  std::erase_if(digits, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  if (auto bytes = emvcrypto::parse_hex(digits); bytes && !bytes->empty())
    return {"", "", "", "", "", "", std::move(*bytes)};
  const auto json = nlohmann::json::parse(text, nullptr, false);
  const auto field = [&](const char* name) -> std::string {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
  };
  if (!json.is_object() || field("kind") != kKind)
    refuse(file + ": neither a wrapped key nor hexadecimal");
  auto wrapped = emvcrypto::parse_hex(field("wrapped"));
  if (!wrapped || wrapped->empty()) refuse(file + ": its field 'wrapped' is no hexadecimal");
  if (field("under").empty())
    refuse(file + ": its field 'under' does not say which key it is under");
  return {field("name"), field("role"),  field("algorithm"), field("method"),
          field("kcv"),  field("under"), std::move(*wrapped)};
}

WrappedKey wrap_for(const Keyring& keys, const KeyEntry& key, const hsm::RsaPublic& receiver,
                    Method method) {
  require_leaves(key);
  if (!is_rsa(method))
    throw Failure(ExitCode::usage, "a public key wraps by rsa-oaep-sha1 or rsa-oaep-sha256");
  if (receiver.modulus.size() < kLeastModulus)
    refuse(fmt::format("the public key has {} bits: at least 2048 protect a key",
                       8 * receiver.modulus.size()));
  WrappedKey wrapped = describe(key, method);
  wrapped.under = fingerprint(receiver);
  hsm::Token& token = keys.token();
  wrapped.wrapped = token.wrap(token.import_public(receiver), token.find(key.label), method);
  return wrapped;
}

WrappedKey wrap_under(const Keyring& keys, const KeyEntry& key, const KeyEntry& kek,
                      Method method) {
  require_leaves(key);
  if (is_rsa(method) || !kek.info || kek.info->type != hsm::KeyType::aes)
    throw Failure(ExitCode::usage,
                  "a key of the token wraps by aes-kw or aes-kwp, and is an AES key");
  WrappedKey wrapped = describe(key, method);
  const auto inside = find_algorithm(wrapped.algorithm);
  if (!inside) refuse(fmt::format("{} is no key that can be wrapped", key.label));
  require_strength(kek, *inside);
  wrapped.under = kek.kcv;
  hsm::Token& token = keys.token();
  wrapped.wrapped = token.wrap(token.find(kek.label), token.find(key.label), method);
  return wrapped;
}

hsm::Key unwrap_key(const Keyring& keys, const WrappedKey& wrapped, const KeyEntry& ours,
                    Method method, KeyAlgorithm algorithm, const hsm::Usage& usage,
                    const std::string& label) {
  if (!ours.info) refuse(fmt::format("the token does not have {}", ours.label));
  if (is_rsa(method) != (ours.info->type == hsm::KeyType::rsa_private))
    throw Failure(ExitCode::usage,
                  fmt::format("{} is no key for {}", ours.label, wrap_method_name(method)));
  hsm::Token& token = keys.token();
  const hsm::Key key = token.find(ours.label);
  const std::string who = is_rsa(method) ? fingerprint(token.public_key(key)) : ours.kcv;
  if (!wrapped.under.empty() && wrapped.under != who)
    refuse(fmt::format("the wrapped key is for another key ({}), not for {} ({})", wrapped.under,
                       ours.label, who));
  require_strength(ours, algorithm);
  return token.unwrap(key, wrapped.wrapped, method, key_type(algorithm), key_size(algorithm), usage,
                      label);
}

}  // namespace kpd

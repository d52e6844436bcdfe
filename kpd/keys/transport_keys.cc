#include "kpd/keys/transport_keys.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::size_t kDes2Size = 16;
constexpr const char* kAesKeyWrap = "aes-kw";
constexpr const char* kStatic = "static";
constexpr const char* kDes = "3DES";
constexpr const char* kAes = "AES";
constexpr std::size_t kAesSize = 32;

std::string text_of(ByteView bytes) {
  return std::string(emvcrypto::as_text(bytes));
}

/// What a transport key is and does.
struct Wanted {
  TransportUse use;
  std::string_view role;  ///< of the KEK above it
  TransportCipher cipher = TransportCipher::des;
  bool inside = false;
};

const char* cipher_name(TransportCipher cipher) {
  return cipher == TransportCipher::aes ? kAes : kDes;
}

bool fits(const hsm::Key& key, TransportCipher cipher) {
  if (cipher == TransportCipher::aes) return key.type() == hsm::KeyType::aes;
  return key.type() == hsm::KeyType::des2 || key.type() == hsm::KeyType::des3;
}

pb::TransportKey describe(const Wanted& wanted, const Plan& plan, const hsm::Key& kek,
                          const KeyPlan& kek_plan) {
  pb::TransportKey key;
  key.set_id(text_of(transport_key_id(wanted.use, plan.output.layout)));
  key.set_use(std::string(use_name(wanted.use)));
  key.set_algorithm(cipher_name(wanted.cipher));
  key.set_kek(kek.label());
  key.set_kek_kcv(text_of(kek_plan.kcv));
  return key;
}

hsm::Key generate(const Wanted& wanted, hsm::Token& token) {
  const hsm::Usage usage{.encrypt = !wanted.inside, .wrap = wanted.inside, .extractable = true};
  return wanted.cipher == TransportCipher::aes
             ? token.generate_secret(hsm::KeyType::aes, kAesSize, usage)
             : token.generate_secret(hsm::KeyType::des2, kDes2Size, usage);
}

hsm::Key make_one(const Wanted& wanted, const Plan& plan, hsm::Token& token,
                  std::vector<pb::TransportKey>& wrapped) {
  const KeyPlan& kek_plan = plan.keys[plan.key(wanted.role)];
  const hsm::Key kek = token.find(kek_plan.uri);
  pb::TransportKey description = describe(wanted, plan, kek, kek_plan);
  hsm::Key key = kek;
  if (plan.output.fresh_transport_keys) {
    if (kek.type() != hsm::KeyType::aes)
      throw Failure(ExitCode::usage,
                    fmt::format("{} must be an AES key to wrap transport keys (or set "
                                "output.transport_keys to 'static')",
                                wanted.role));
    key = generate(wanted, token);
    description.set_method(kAesKeyWrap);
    description.set_wrapped(text_of(token.wrap(kek, key, hsm::Token::WrapMethod::aes_kw)));
    token.seal_against_export(key);
  } else {
    if (!fits(kek, wanted.cipher))
      throw Failure(
          ExitCode::usage,
          fmt::format("{} must be {} key to be used as a static "
                      "transport key",
                      wanted.role, wanted.cipher == TransportCipher::aes ? "an AES" : "a 3DES"));
    description.set_method(kStatic);
  }
  description.set_kcv(text_of(token.kcv(key)));
  wrapped.push_back(std::move(description));
  return key;
}

}  // namespace

TransportUse transport_use(SecretUse secret) {
  switch (secret) {
    case SecretUse::card_keys:
      return TransportUse::card_keys;
    case SecretUse::icc_keys:
      return TransportUse::icc_keys;
    case SecretUse::pin:
      break;
  }
  return TransportUse::pin;
}

std::string_view use_name(TransportUse use) {
  switch (use) {
    case TransportUse::card_keys:
      return "card-keys";
    case TransportUse::icc_keys:
      return "icc-keys";
    case TransportUse::pin:
      return "pin";
    case TransportUse::mac:
      break;
  }
  return "mac";
}

Bytes transport_key_id(TransportUse use, const cps::RecordLayout& layout) {
  std::string id = use == TransportUse::card_keys  ? "TKK1"
                   : use == TransportUse::icc_keys ? "TKR1"
                   : use == TransportUse::pin      ? "TKP1"
                                                   : "MAK1";
  // Fewer than three characters keep what tells them apart.
  if (layout.key_id_length < 3) id = use == TransportUse::mac ? "M1" : id.substr(2);
  id.resize(layout.key_id_length, '0');
  return Bytes(id.begin(), id.end());
}

TransportKeys make_transport_keys(const Plan& plan, hsm::Token& token, const StaysInside& inside) {
  using enum TransportUse;
  const Wanted for_card_keys{card_keys, kKek2ForKeys, plan.output.card_key_cipher,
                             inside.card_keys};
  const Wanted for_icc_keys{icc_keys, kKek2ForKeys};
  const Wanted for_pins{pin, kKek2ForPins, TransportCipher::des, inside.pins};
  TransportKeys keys;
  keys.card_keys = make_one(for_card_keys, plan, token, keys.wrapped);
  keys.icc_keys = make_one(for_icc_keys, plan, token, keys.wrapped);
  keys.pin = make_one(for_pins, plan, token, keys.wrapped);
  return keys;
}

cps::WrappedKey to_file_form(const pb::TransportKey& key) {
  const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
  return {bytes(key.id()), key.use(), key.algorithm(),      bytes(key.kcv()),
          key.method(),    key.kek(), bytes(key.kek_kcv()), bytes(key.wrapped())};
}

namespace {

/// The integrity check of a key block fails in the device, which may call that a general error.
hsm::Key unwrap(const cps::WrappedKey& wrapped, const hsm::Key& kek, hsm::Token& token,
                const hsm::Usage& usage) {
  const bool aes = wrapped.algorithm == kAes;
  try {
    return token.unwrap(kek, wrapped.wrapped, hsm::Token::WrapMethod::aes_kw,
                        aes ? hsm::KeyType::aes : hsm::KeyType::des2, aes ? kAesSize : kDes2Size,
                        usage);
  } catch (const hsm::Error& error) {
    if (error.device_lost()) throw;
    throw Failure(ExitCode::hold, fmt::format("the device cannot open the transport key for {} "
                                              "(altered, or under another '{}'): {}",
                                              wrapped.use, wrapped.kek, error.what()));
  }
}

}  // namespace

hsm::Key open_transport_key(const cps::WrappedKey& wrapped, hsm::Token& token,
                            const hsm::Usage& usage) {
  const hsm::Key kek = token.find(wrapped.kek);
  if (token.kcv(kek) != wrapped.kek_kcv)
    throw Failure(ExitCode::hold,
                  fmt::format("the key '{}' in this token is not the one that the file was made "
                              "with: its check value should be {}",
                              wrapped.kek, emvcrypto::to_hex(wrapped.kek_kcv)));
  if (wrapped.method == kStatic) return kek;
  if (wrapped.method != kAesKeyWrap || (wrapped.algorithm != kDes && wrapped.algorithm != kAes))
    throw Failure(ExitCode::hold, fmt::format("transport key method '{}' ({}) is unknown here",
                                              wrapped.method, wrapped.algorithm));
  const hsm::Key key = unwrap(wrapped, kek, token, usage);
  if (token.kcv(key) != wrapped.kcv)
    throw Failure(ExitCode::hold, "a transport key does not have its check value after unwrapping");
  return key;
}

}  // namespace kpd

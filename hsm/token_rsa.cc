#include <algorithm>
#include <array>
#include <stdexcept>

#include "hsm/least_usage.h"
#include "hsm/secret_maker.h"

namespace hsm {

namespace {

struct Pair {
  CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
};

Bytes minimal(Bytes number) {
  number.erase(number.begin(), std::ranges::find_if(number, [](auto byte) { return byte != 0; }));
  return number;
}

Bytes exponent_bytes(std::size_t bits, unsigned exponent) {
  if (bits % 8 != 0 || bits < 512)
    throw std::invalid_argument("RSA keys have whole bytes, from 64");
  if (exponent < 3 || exponent % 2 == 0)
    throw std::invalid_argument("an RSA exponent is odd and 3 or more");
  Bytes bytes;
  emvcrypto::append_number(bytes, exponent, sizeof(exponent));
  return minimal(std::move(bytes));
}

Pair generate(Session& session, std::size_t bits, ByteView exponent, const Attributes& public_usual,
              const Attributes& private_usual, const Usage& usage) {
  return with_least_usage(KeyType::rsa_private, usage, [&](LeastUsage* least) {
    Attributes public_wanted = public_usual;
    Attributes private_wanted = private_usual;
    public_wanted.number(CKA_MODULUS_BITS, bits).bytes(CKA_PUBLIC_EXPONENT, exponent);
    if (least != nullptr) least->add_to(private_wanted);
    CK_MECHANISM mechanism{CKM_RSA_PKCS_KEY_PAIR_GEN, nullptr, 0};
    Pair pair;
    session.check(HSM_CALL(C_GenerateKeyPair), &mechanism, public_wanted.data(),
                  public_wanted.size(), private_wanted.data(), private_wanted.size(),
                  &pair.public_key, &pair.private_key);
    return pair;
  });
}

/// The modulus and public exponent that an object of a pair shows; nothing when it lacks one.
std::optional<RsaPublic> read_public(Session& session, CK_OBJECT_HANDLE object) {
  auto modulus = read_bytes(session, object, CKA_MODULUS);
  auto exponent = read_bytes(session, object, CKA_PUBLIC_EXPONENT);
  if (!modulus || !exponent || modulus->empty() || exponent->empty()) return std::nullopt;
  return RsaPublic{minimal(std::move(*modulus)), minimal(std::move(*exponent))};
}

constexpr std::array kCrtParts = {CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2,
                                  CKA_COEFFICIENT};

/// The five CRT parts, each left-padded to `size` bytes.
std::array<Secret, kCrtParts.size()> read_crt(Session& session, CK_OBJECT_HANDLE object,
                                              std::size_t size) {
  std::array<Secret, kCrtParts.size()> raw;
  std::array<CK_ATTRIBUTE, kCrtParts.size()> wanted{};
  for (std::size_t i = 0; i < kCrtParts.size(); ++i) wanted[i] = {kCrtParts[i], nullptr, 0};
  session.check(HSM_CALL(C_GetAttributeValue), object, wanted.data(), CK_ULONG{wanted.size()});
  for (std::size_t i = 0; i < kCrtParts.size(); ++i) {
    raw[i] = Secret(wanted[i].ulValueLen);
    wanted[i].pValue = raw[i].expose_mutable().data();
  }
  session.check(HSM_CALL(C_GetAttributeValue), object, wanted.data(), CK_ULONG{wanted.size()});
  std::array<Secret, kCrtParts.size()> parts;
  for (std::size_t i = 0; i < kCrtParts.size(); ++i) {
    ByteView value = raw[i].expose().first(std::min(raw[i].size(), wanted[i].ulValueLen));
    while (value.size() > size && value.front() == 0) value = value.subspan(1);
    if (value.empty() || value.size() > size)
      throw Error("C_GetAttributeValue", CKR_ATTRIBUTE_VALUE_INVALID,
                  "a CRT part of the new key is longer than half its modulus, or missing");
    parts[i] = Secret(size);
    std::ranges::copy(value, parts[i].expose_mutable().last(value.size()).begin());
  }
  return parts;
}

void check_modulus(const RsaPublic& key, std::size_t bits) {
  if (key.modulus.size() * 8 != bits || key.modulus.front() < 0x80)
    throw Error("C_GenerateKeyPair", CKR_KEY_SIZE_RANGE,
                "the new modulus does not have the length that was asked for");
}

Attributes public_template(bool on_token) {
  Attributes wanted;
  wanted.number(CKA_CLASS, CKO_PUBLIC_KEY)
      .number(CKA_KEY_TYPE, CKK_RSA)
      .flag(CKA_TOKEN, on_token)
      .flag(CKA_PRIVATE, false);
  return wanted;
}

Attributes private_template(bool on_token, bool readable) {
  Attributes wanted;
  wanted.number(CKA_CLASS, CKO_PRIVATE_KEY)
      .number(CKA_KEY_TYPE, CKK_RSA)
      .flag(CKA_TOKEN, on_token)
      .flag(CKA_PRIVATE, true)
      .flag(CKA_SENSITIVE, !readable)
      .flag(CKA_EXTRACTABLE, readable);
  return wanted;
}

}  // namespace

Key Token::generate_rsa(std::size_t bits, unsigned exponent, const Usage& usage,
                        const std::string& label) {
  const Bytes public_exponent = exponent_bytes(bits, exponent);
  if (usage.extractable) throw std::invalid_argument("private keys of the token stay in it");
  const bool on_token = !label.empty();
  const Bytes id = random(16);
  auto lease = state_->sessions.borrow();
  Session& session = *lease.session();
  if (on_token) check_label_is_free(*state_, session, label);
  auto key = std::make_shared<Key::State>(*state_, KeyType::rsa_private, bits / 8, usage);
  key->label = label;
  key->id = id;
  Attributes public_wanted = public_template(on_token);
  Attributes private_wanted = private_template(on_token, false);
  for (Attributes* wanted : {&public_wanted, &private_wanted})
    wanted->bytes(CKA_LABEL, emvcrypto::as_bytes(label))
        .bytes(CKA_ID, id)
        .flag(CKA_MODIFIABLE, false);
  add_usage(public_wanted,
            Usage{.encrypt = usage.decrypt, .wrap = usage.unwrap, .verify = usage.sign},
            CKO_PUBLIC_KEY);
  add_usage(private_wanted, usage, CKO_PRIVATE_KEY);
  const Pair pair = generate(session, bits, public_exponent, public_wanted, private_wanted, usage);
  if (on_token) {
    key->handle = pair.private_key;
  } else {
    key->own(pair.private_key, state_, lease.session());
    session.check(HSM_CALL(C_DestroyObject), pair.public_key);
  }
  return Key(std::move(key));
}

ExposedRsaPair Token::generate_rsa_exposed(std::size_t bits, unsigned exponent) {
  const Bytes public_exponent = exponent_bytes(bits, exponent);
  auto lease = state_->sessions.borrow();
  Session& session = *lease.session();
  Attributes public_wanted = public_template(false);
  Attributes private_wanted = private_template(false, true);
  add_usage(public_wanted, Usage{}, CKO_PUBLIC_KEY);
  add_usage(private_wanted, Usage{}, CKO_PRIVATE_KEY);
  const Pair pair =
      generate(session, bits, public_exponent, public_wanted, private_wanted, Usage{});
  const ScopedObject public_object(session, pair.public_key);
  const ScopedObject private_object(session, pair.private_key);
  auto public_key = read_public(session, pair.public_key);
  if (!public_key || public_key->exponent != public_exponent)
    throw Error("C_GenerateKeyPair", CKR_PUBLIC_KEY_INVALID,
                "the new key does not have the exponent that was asked for");
  check_modulus(*public_key, bits);
  auto parts = read_crt(session, pair.private_key, (bits / 8 + 1) / 2);
  return {std::move(*public_key), std::move(parts[0]), std::move(parts[1]),
          std::move(parts[2]),    std::move(parts[3]), std::move(parts[4])};
}

Key Token::import_public(const RsaPublic& key) {
  Attributes wanted = public_template(false);
  wanted.bytes(CKA_MODULUS, key.modulus).bytes(CKA_PUBLIC_EXPONENT, key.exponent);
  const Usage usage{.wrap = true};
  add_usage(wanted, usage, CKO_PUBLIC_KEY);
  auto imported =
      std::make_shared<Key::State>(*state_, KeyType::rsa_public, key.modulus.size(), usage);
  auto lease = state_->sessions.borrow();
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  lease->check(HSM_CALL(C_CreateObject), wanted.data(), wanted.size(), &object);
  imported->own(object, state_, lease.session());
  return Key(std::move(imported));
}

RsaPublic Token::public_key(const Key& private_key) {
  const CK_OBJECT_HANDLE object = state_->handle_of(private_key);
  if (private_key.type() != KeyType::rsa_private && private_key.type() != KeyType::rsa_public)
    throw std::invalid_argument("not an RSA key");
  auto lease = state_->sessions.borrow();
  if (auto key = read_public(*lease.session(), object)) return std::move(*key);
  Attributes wanted;
  wanted.number(CKA_CLASS, CKO_PUBLIC_KEY)
      .number(CKA_KEY_TYPE, CKK_RSA)
      .bytes(CKA_ID, private_key.state().id);
  const auto halves = find_objects(*lease.session(), wanted);
  if (halves.size() == 1)
    if (auto key = read_public(*lease.session(), halves.front())) return std::move(*key);
  throw SetupError("the token \"" + state_->label + "\" has no one public key that belongs to \"" +
                   private_key.label() + "\" (the same id)");
}

}  // namespace hsm

#include "hsm/kcv.h"

#include "hsm/key_id.h"
#include "hsm/secret_maker.h"

namespace hsm {

namespace {

constexpr std::size_t kKcvSize = 3;
constexpr std::size_t kCmacSize = 5;
constexpr std::size_t kAesBlock = 16;

Bytes encipher(Session& session, CK_OBJECT_HANDLE object, KeyType type, Bytes block) {
  CK_MECHANISM mechanism{type == KeyType::aes ? CKM_AES_ECB : CKM_DES3_ECB, nullptr, 0};
  session.check(HSM_CALL(C_EncryptInit), &mechanism, object);
  CK_ULONG length = block.size();
  session.check(HSM_CALL(C_Encrypt), block.data(), CK_ULONG{block.size()}, block.data(), &length);
  if (length != block.size()) throw Error("C_Encrypt", CKR_ENCRYPTED_DATA_LEN_RANGE);
  return block;
}

Bytes first(const Bytes& block, std::size_t count) {
  return Bytes(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count));
}

/// The first subkey of CMAC (NIST SP 800-38B, 6.1) out of a zero block enciphered.
Bytes cmac_subkey(const Bytes& zeros) {
  constexpr std::uint8_t kRb = 0x87;
  Bytes key(zeros.size());
  for (std::size_t i = 0; i < zeros.size(); ++i) {
    const unsigned next = i + 1 < zeros.size() ? zeros[i + 1] : 0U;
    key[i] = static_cast<std::uint8_t>((zeros[i] << 1) | (next >> 7));
  }
  if (zeros.front() & 0x80) key.back() ^= kRb;
  return key;
}

CheckValues encipher_check(Session& session, CK_OBJECT_HANDLE object, KeyType type) {
  if (type != KeyType::aes)
    return {first(encipher(session, object, type, Bytes(8)), kKcvSize), {}, {}};
  const Bytes zeros = encipher(session, object, type, Bytes(kAesBlock));
  const Bytes ones = encipher(session, object, type, Bytes(kAesBlock, 0x01));
  const Bytes cmac = encipher(session, object, type, cmac_subkey(zeros));
  return {first(zeros, kKcvSize), first(ones, kKcvSize), first(cmac, kCmacSize)};
}

/// By a session copy that may encipher and nothing else, destroyed at once.
std::optional<CheckValues> encipher_by_copy(Session& session, const Key::State& key) {
  Attributes changes;
  changes.flag(CKA_TOKEN, false);
  if (read_flag(session, key.handle, CKA_EXTRACTABLE)) changes.flag(CKA_EXTRACTABLE, false);
  add_usage(changes, Usage{.encrypt = true}, CKO_SECRET_KEY);
  CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
  const CK_RV rv =
      session.run(HSM_CALL(C_CopyObject), key.handle.load(), changes.data(), changes.size(), &copy);
  if (const Error error("C_CopyObject", rv); error.device_lost()) throw error;
  if (rv != CKR_OK) return std::nullopt;
  const ScopedObject scoped(session, copy);
  return encipher_check(session, copy, key.type);
}

}  // namespace

std::optional<CheckValues> find_kcv(Session& session, const Key::State& key) {
  if (!is_des(key.type) && key.type != KeyType::aes) return std::nullopt;
  if (key.usage.encrypt) return encipher_check(session, key.handle, key.type);
  if (auto values = encipher_by_copy(session, key)) return values;
  return kcv_in_id(key.id);
}

Bytes Token::kcv(const Key& key) {
  state_->handle_of(key);
  auto lease = state_->sessions.borrow();
  const auto values = find_kcv(*lease.session(), key.state());
  if (!values)
    throw SetupError("the check value of the key \"" + key.label() +
                     "\" cannot be found: it is no "
                     "DES or AES key, or it may not encipher and was not made by this product");
  return usual_kcv(*values);
}

CheckValues Token::check_values(const Key& key) {
  state_->handle_of(key);
  auto lease = state_->sessions.borrow();
  return find_kcv(*lease.session(), key.state()).value_or(CheckValues{});
}

}  // namespace hsm

#include <algorithm>
#include <array>
#include <stdexcept>

#include "hsm/token_state.h"

namespace hsm {

namespace {

/// The longest block of a cipher here.
using Block = std::array<std::uint8_t, 16>;

enum class Direction { encrypt, decrypt };
enum class Mode { ecb, cbc };

std::size_t block_size_of(const Key& key) {
  if (is_des(key.type())) return 8;
  if (key.type() == KeyType::aes) return 16;
  throw std::invalid_argument("a key of this type enciphers no blocks");
}

CK_MECHANISM_TYPE mechanism_of(KeyType type, Mode mode) {
  if (type == KeyType::aes) return mode == Mode::ecb ? CKM_AES_ECB : CKM_AES_CBC;
  return mode == Mode::ecb ? CKM_DES3_ECB : CKM_DES3_CBC;
}

void one_call(Session& session, CK_OBJECT_HANDLE key, CK_MECHANISM& mechanism, Direction direction,
              MutableBytes data) {
  CK_ULONG length = data.size();
  const CK_ULONG size = data.size();
  if (direction == Direction::encrypt) {
    session.check(HSM_CALL(C_EncryptInit), &mechanism, key);
    session.check(HSM_CALL(C_Encrypt), data.data(), size, data.data(), &length);
  } else {
    session.check(HSM_CALL(C_DecryptInit), &mechanism, key);
    session.check(HSM_CALL(C_Decrypt), data.data(), size, data.data(), &length);
  }
  if (length != size)
    throw Error(direction == Direction::encrypt ? "C_Encrypt" : "C_Decrypt", CKR_DATA_LEN_RANGE,
                "the device returned another length than it was given");
}

void run(Token::State& token, const Key& key, MutableBytes data, Direction direction, Mode mode) {
  const CK_OBJECT_HANDLE object = token.handle_of(key);
  const std::size_t block = block_size_of(key);
  if (data.size() % block != 0) throw std::invalid_argument("not a whole number of blocks");
  if (data.empty()) return;
  auto lease = token.sessions.borrow();
  Block chain{};
  const std::size_t most = token.library->rules().call_bytes;
  for (std::size_t at = 0; at < data.size(); at += most) {
    const MutableBytes piece = data.subspan(at, std::min(most, data.size() - at));
    CK_MECHANISM mechanism{mechanism_of(key.type(), mode), nullptr, 0};
    Block initial = chain;
    if (mode == Mode::cbc) {
      mechanism.pParameter = initial.data();
      mechanism.ulParameterLen = block;
    }
    // The next piece is chained to this one's last enciphered block.
    if (direction == Direction::decrypt) std::ranges::copy(piece.last(block), chain.begin());
    one_call(*lease.session(), object, mechanism, direction, piece);
    if (direction == Direction::encrypt) std::ranges::copy(piece.last(block), chain.begin());
  }
}

}  // namespace

void Token::encrypt_ecb(const Key& key, MutableBytes blocks) {
  run(*state_, key, blocks, Direction::encrypt, Mode::ecb);
}

void Token::decrypt_ecb(const Key& key, MutableBytes blocks) {
  run(*state_, key, blocks, Direction::decrypt, Mode::ecb);
}

void Token::encrypt_cbc(const Key& key, MutableBytes message) {
  run(*state_, key, message, Direction::encrypt, Mode::cbc);
}

void Token::decrypt_cbc(const Key& key, MutableBytes message) {
  run(*state_, key, message, Direction::decrypt, Mode::cbc);
}

}  // namespace hsm

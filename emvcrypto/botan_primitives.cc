#include "emvcrypto/botan_primitives.h"

#include <botan/aead.h>
#include <botan/bigint.h>
#include <botan/block_cipher.h>
#include <botan/hash.h>
#include <botan/hmac_drbg.h>
#include <botan/mac.h>
#include <botan/numthry.h>
#include <botan/system_rng.h>

#include <map>
#include <mutex>
#include <stdexcept>

namespace emvcrypto::botan {
namespace {

using Botan::BigInt;

BigInt number(ByteView bytes) {
  return BigInt(bytes.data(), bytes.size());
}

Bytes encoded(const BigInt& value, std::size_t size) {
  Bytes bytes(size);
  BigInt::encode_1363(bytes.data(), size, value);
  return bytes;
}

/// A new object of an algorithm. Botan looks for the best code for a name each time that it is
/// asked, so it is asked once. The first objects live as long as the process, whatever thread still
/// runs at its end; nothing is ever put into them.
template <typename Algorithm>
std::unique_ptr<Algorithm> make(const std::string& name) {
  struct Known {
    std::mutex mutex;
    std::map<std::string, std::unique_ptr<Algorithm>> first;
  };
  static auto* const known = new Known;
  const std::lock_guard lock(known->mutex);
  auto& first = known->first[name];
  if (!first) first = Algorithm::create_or_throw(name);
  return std::unique_ptr<Algorithm>(first->clone());
}

class BlockCipherOf : public Cipher {
 public:
  BlockCipherOf(const std::string& name, ByteView key) : cipher_(make<Botan::BlockCipher>(name)) {
    cipher_->set_key(key.data(), key.size());
  }
  std::size_t block_size() const override { return cipher_->block_size(); }
  void encrypt(MutableBytes blocks) override {
    cipher_->encrypt_n(blocks.data(), blocks.data(), blocks.size() / block_size());
  }
  void decrypt(MutableBytes blocks) override {
    cipher_->decrypt_n(blocks.data(), blocks.data(), blocks.size() / block_size());
  }

 private:
  std::unique_ptr<Botan::BlockCipher> cipher_;
};

class CrtKeyOf : public CrtKey {
 public:
  CrtKeyOf(ByteView p, ByteView q, ByteView dp, ByteView dq, ByteView qinv)
      : p_(number(p)), q_(number(q)), dp_(number(dp)), dq_(number(dq)), qinv_(number(qinv)) {}

  Bytes sign(ByteView block, std::size_t size) const override {
    const BigInt c = number(block);
    const BigInt m1 = Botan::power_mod(c % p_, dp_, p_);
    const BigInt m2 = Botan::power_mod(c % q_, dq_, q_);
    const BigInt h = qinv_ * (m1 + p_ - m2 % p_) % p_;
    return encoded(m2 + h * q_, size);
  }

 private:
  BigInt p_, q_, dp_, dq_, qinv_;
};

class HashOf : public Hash {
 public:
  explicit HashOf(const std::string& name) : hash_(make<Botan::HashFunction>(name)) {}
  void update(ByteView piece) override { hash_->update(piece.data(), piece.size()); }
  Bytes finish() override { return Botan::unlock(hash_->final()); }

 private:
  std::unique_ptr<Botan::HashFunction> hash_;
};

class GcmOf : public Gcm {
 public:
  GcmOf(ByteView key, bool seal)
      : mode_(Botan::AEAD_Mode::create_or_throw("AES-256/GCM",
                                                seal ? Botan::ENCRYPTION : Botan::DECRYPTION)),
        minimum_(seal ? 0 : mode_->tag_size()) {
    mode_->set_key(key.data(), key.size());
  }
  std::optional<Bytes> process(ByteView nonce, ByteView associated, ByteView input) override {
    Botan::secure_vector<std::uint8_t> buffer;
    if (!run(nonce, associated, input, buffer)) return std::nullopt;
    return Botan::unlock(buffer);
  }
  std::optional<Secret> process_secret(ByteView nonce, ByteView associated,
                                       ByteView input) override {
    Botan::secure_vector<std::uint8_t> buffer;
    if (!run(nonce, associated, input, buffer)) return std::nullopt;
    return Secret(ByteView(buffer));
  }

 private:
  bool run(ByteView nonce, ByteView associated, ByteView input,
           Botan::secure_vector<std::uint8_t>& buffer) {
    if (input.size() < minimum_) return false;
    mode_->set_associated_data(associated.data(), associated.size());
    mode_->start(nonce.data(), nonce.size());
    buffer.assign(input.begin(), input.end());
    try {
      mode_->finish(buffer);
    } catch (const Botan::Invalid_Authentication_Tag&) {
      return false;
    }
    return true;
  }

  std::unique_ptr<Botan::AEAD_Mode> mode_;
  std::size_t minimum_;
};

/// A caller's source of seeds as Botan asks for it.
class SeedRng : public Botan::RandomNumberGenerator {
 public:
  explicit SeedRng(std::function<void(MutableBytes)> seed) : seed_(std::move(seed)) {}
  void randomize(std::uint8_t* out, std::size_t size) override { seed_({out, size}); }
  bool accepts_input() const override { return false; }
  void add_entropy(const std::uint8_t*, std::size_t) override {}
  std::string name() const override { return "seed source"; }
  void clear() override {}
  bool is_seeded() const override { return true; }

 private:
  std::function<void(MutableBytes)> seed_;
};

class HmacDrbg : public Drbg {
 public:
  HmacDrbg(std::function<void(MutableBytes)> seed, std::size_t interval)
      : seed_(std::move(seed)),
        drbg_(Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)"), seed_, interval) {
    Botan::secure_vector<std::uint8_t> entropy_and_nonce(48);
    seed_.randomize(entropy_and_nonce.data(), entropy_and_nonce.size());
    drbg_.initialize_with(entropy_and_nonce.data(), entropy_and_nonce.size());
  }
  void fill(MutableBytes out) override { drbg_.randomize(out.data(), out.size()); }

 private:
  SeedRng seed_;
  Botan::HMAC_DRBG drbg_;
};

}  // namespace

std::unique_ptr<Cipher> make_cipher(const std::string& name, ByteView key) {
  return std::make_unique<BlockCipherOf>(name, key);
}

Bytes power_mod(ByteView base, ByteView exponent, ByteView modulus) {
  return encoded(Botan::power_mod(number(base), number(exponent), number(modulus)), modulus.size());
}

bool less(ByteView a, ByteView b) {
  return number(a) < number(b);
}

std::unique_ptr<CrtKey> make_crt_key(ByteView modulus, ByteView exponent, ByteView p, ByteView q,
                                     ByteView dp, ByteView dq, ByteView qinv) {
  const BigInt e = number(exponent);
  const BigInt p_number = number(p);
  const BigInt q_number = number(q);
  if (p_number < 3 || q_number < 3 || p_number * q_number != number(modulus) ||
      e * number(dp) % (p_number - 1) != 1 || e * number(dq) % (q_number - 1) != 1 ||
      number(qinv) * q_number % p_number != 1)
    throw std::invalid_argument("the CRT parts do not belong to the public key");
  return std::make_unique<CrtKeyOf>(p, q, dp, dq, qinv);
}

std::unique_ptr<Hash> make_hash(const std::string& name) {
  return std::make_unique<HashOf>(name);
}

Bytes mac(const std::string& name, ByteView key, ByteView message) {
  auto mac = Botan::MessageAuthenticationCode::create_or_throw(name);
  mac->set_key(key.data(), key.size());
  mac->update(message.data(), message.size());
  return Botan::unlock(mac->final());
}

std::unique_ptr<Gcm> make_gcm(ByteView key, bool seal) {
  return std::make_unique<GcmOf>(key, seal);
}

std::unique_ptr<Drbg> make_hmac_drbg(std::function<void(MutableBytes)> seed, std::size_t interval) {
  return std::make_unique<HmacDrbg>(std::move(seed), interval);
}

void random(MutableBytes out) {
  Botan::system_rng().randomize(out.data(), out.size());
}

}  // namespace emvcrypto::botan

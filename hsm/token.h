/// A token of a PKCS#11 device as the rest of the product sees it: keys by name, work in vectors.
/// Sessions, handles and log-ins stay inside.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/secret.h"
#include "hsm/error.h"

namespace hsm {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::MutableBytes;
using emvcrypto::Secret;

enum class KeyType { des2, des3, aes, generic, rsa_private, rsa_public };

/// What a key may do; nothing else is set on it (CKA_ENCRYPT ... CKA_DERIVE).
struct Usage {
  bool encrypt = false, decrypt = false, wrap = false, unwrap = false, derive = false, sign = false,
       verify = false;
  bool extractable = false;  ///< may be wrapped by another key; never readable
};

/// A key in the device. Copies share it; a session key is destroyed with its last copy.
class Key {
 public:
  struct State;
  Key() = default;
  explicit Key(std::shared_ptr<State> state) : state_(std::move(state)) {}
  explicit operator bool() const { return state_ != nullptr; }
  KeyType type() const;
  const std::string& label() const;  ///< empty for session keys
  /// Bytes of a symmetric key, or of an RSA modulus; 0 when the device does not tell and the key
  /// was not made by this product.
  std::size_t size() const;
  /// As it was made, or as the device says of a key that was found.
  const Usage& usage() const;
  const State& state() const { return *state_; }

 private:
  std::shared_ptr<State> state_;
};

/// One entry of a token's list of keys.
struct KeyInfo {
  std::string label;
  KeyType type;
  std::size_t size;  ///< as Key::size
  Bytes id;
  Usage usage;
  bool sensitive = true;
};

/// Check values of one key. DES knows `zeros` alone.
struct CheckValues {
  Bytes zeros;  ///< 3 bytes of a zero block enciphered
  Bytes ones;   ///< AES: 3 bytes of 01*16 enciphered (GlobalPlatform, CPS 2.0)
  Bytes cmac;   ///< AES: 5 bytes of the CMAC of a zero block (X9.143)
};

/// Who made a token and what it says it is: enough to tell one device from another.
struct TokenInfo {
  std::string library, manufacturer, model, serial, firmware;  ///< library: its path
};

/// What came of trying an operation.
struct ProbeAnswer {
  bool works = false;
  std::string detail;  ///< why not: "CKR_MECHANISM_INVALID"; or what was seen
};

/// A card key that was made and wrapped inside the device.
struct InsideKey {
  Bytes wrapped;
  Bytes kcv;  ///< 3 bytes, by the device
};

/// A secret on its way through the device from one key to another. What it points to must live on.
struct Passage {
  ByteView value;  ///< whole blocks under the first key, ECB
  ByteView mask;   ///< XORed in, as long as the value; empty: nothing is
};

/// RSA numbers, big-endian.
struct RsaPublic {
  Bytes modulus, exponent;
};

/// A key pair whose CRT parts had to be read out of the device (a host window): see
/// Token::generate_rsa_exposed. Parts have half the modulus' length.
struct ExposedRsaPair {
  RsaPublic public_key;
  Secret p, q, dp, dq, qinv;
};

/// Where a token's PIN comes from: a prompt, a descriptor. Asked once a token and process; after a
/// refusal it is not asked again.
class PinSource {
 public:
  virtual ~PinSource() = default;
  virtual Secret pin(const std::string& token_label) = 0;
};

/// Sees the name of every C_* call before it is made, in any thread. Anything but 0 (CKR_OK) is
/// taken as the device's answer in place of the call: tests make calls fail, traces count them.
using CallTap = std::function<unsigned long(std::string_view call)>;

/// What a library wants, where no call of it tells.
struct LibraryRules {
  std::string parameters = {};         ///< of C_Initialize, for libraries that take a text there
  std::size_t call_bytes = 64 * 1024;  ///< what one call enciphers at most; whole blocks of 16
  bool apart = true;                   ///< processes start it and log in one after the other
  /// Its locks are ours, which spin for a moment before they sleep; else those of the system.
  bool spin_locks = false;
  /// Its files (glob patterns) that a kill during a log-in would leave empty: copies are kept
  /// beside them and put back.
  std::vector<std::string> kept_files = {};
  bool operator==(const LibraryRules&) const = default;
};

/// How a new token comes into being.
struct TokenMaking {
  enum class Way {
    init_token,  ///< C_InitToken in a free slot
    init_pin     ///< the library shows it already, without PIN: its officer has an empty one
  };
  Way way = Way::init_token;
  std::string officer_pin = {};  ///< of a free slot, as its maker publishes it; empty: any is taken
  bool renew_pins = false;       ///< officer and user must each change their first PIN
};

/// A PKCS#11 library, loaded and initialised with locking: once a process and path, whoever else
/// asks for it, and shut down with the last Module, Token and session key. Let these go before
/// main() returns, and fork before loading.
class Module {
 public:
  /// Throws SetupError when the library cannot be loaded or is in use here by other rules, Error
  /// when C_Initialize fails.
  static std::shared_ptr<Module> load(const std::string& path, const LibraryRules& rules = {});
  ~Module();

  /// The device's files whose copies were put back when the library was started.
  const std::vector<std::string>& restored_files() const;

  /// Labels of the initialised tokens, in the order of their slots.
  std::vector<std::string> token_labels();

  /// For all users of this library in the process; an empty function ends it.
  void set_tap(CallTap tap);

  /// Makes a new token and sets the user's PIN. Throws SetupError when a token of this label exists
  /// or no slot is free.
  void init_token(const std::string& label, const Secret& so_pin, const Secret& user_pin,
                  const TokenMaking& making = {});

  struct State;
  State& state() { return *state_; }

 private:
  explicit Module(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A token, logged in. Thread-safe: each call borrows a session of the pool.
class Token {
 public:
  /// Finds the token by label and logs in once. Throws SetupError (no such token, wrong PIN: never
  /// tried twice, PIN locked).
  static std::shared_ptr<Token> open(std::shared_ptr<Module> module, const std::string& label,
                                     PinSource& pins);
  ~Token();

  const std::string& label() const;

  // --- keys by name -------------------------------------------------------------------------

  /// A private or secret key by its "pkcs11:" URI (RFC 7512; token, object, id, type are matched)
  /// or plain label. Searched once, then cached. Throws SetupError when absent or ambiguous.
  Key find(const std::string& uri_or_label);
  std::optional<Key> try_find(const std::string& uri_or_label);
  std::vector<KeyInfo> list();
  /// What list() says of one key.
  KeyInfo info(const Key& key);

  // --- making, moving and destroying keys -----------------------------------------------------

  /// A secret key made by the device's generator. Empty label: a session key. AES: size in bytes.
  Key generate_secret(KeyType type, std::size_t size, const Usage& usage,
                      const std::string& label = "");

  /// A secret key from a clear value: test keys and host windows only.
  Key create_secret(KeyType type, const Secret& value, const Usage& usage,
                    const std::string& label = "");

  /// An RSA key pair of the token; the private key is sensitive and not extractable.
  Key generate_rsa(std::size_t bits, unsigned exponent, const Usage& usage,
                   const std::string& label);

  /// A session key pair whose private parts are read out and then destroyed in the device: the one
  /// way to card keys by CRT parts where the device cannot wrap them apart (host window
  /// "icc-keys").
  ExposedRsaPair generate_rsa_exposed(std::size_t bits, unsigned exponent);

  /// Imports a public key as a session object for wrapping (RSA-OAEP).
  Key import_public(const RsaPublic& key);

  RsaPublic public_key(const Key& private_key);

  /// Wrapping inside the device. aes-kw: RFC 3394; aes-kwp: RFC 5649; rsa-oaep: MGF1 with SHA-1
  /// or, where the device does that (else Error), SHA-256.
  enum class WrapMethod { aes_kw, aes_kwp, rsa_oaep, rsa_oaep_sha256 };
  Bytes wrap(const Key& wrapping_key, const Key& key, WrapMethod method);
  /// `size`: bytes of the key that comes out (AES, generic), ignored for DES types; SetupError when
  /// what comes out has another. The unwrapped key is sensitive, and not extractable unless usage
  /// says so.
  Key unwrap(const Key& unwrapping_key, ByteView wrapped, WrapMethod method, KeyType type,
             std::size_t size, const Usage& usage, const std::string& label = "");

  /// The clear value of an extractable secret key: a host window, for formats that the device
  /// cannot make. It comes wrapped under a key of this process. Throws SetupError when the key may
  /// not leave.
  Secret expose(const Key& key);

  /// Takes `extractable` from a key for good, once it is wrapped for its other holders; a key of
  /// the token is locked against change and copying too, where the device does that. Not while
  /// another thread uses the key.
  void seal_against_export(const Key& key);

  /// Destroys the key in the device, whatever copies of it there are; a private key with its public
  /// half.
  void destroy(const Key& key);

  // --- work: vectors in, vectors out ----------------------------------------------------------

  /// ECB over whole blocks, in place, in as few calls as the device takes.
  void encrypt_ecb(const Key& key, MutableBytes blocks);
  void decrypt_ecb(const Key& key, MutableBytes blocks);
  /// CBC of one message, zero IV, whole blocks, in place.
  void encrypt_cbc(const Key& key, MutableBytes message);
  void decrypt_cbc(const Key& key, MutableBytes message);

  /// The RSA private function on each block (CKM_RSA_X_509); each as long as the modulus.
  std::vector<Bytes> sign_raw(const Key& key, std::span<const Bytes> blocks);

  /// Session keys derived inside the device by enciphering the input under the master
  /// (CKM_DES3_ECB_ENCRYPT_DATA, CKM_DES3_CBC_ENCRYPT_DATA with a zero IV): 16 bytes of input give
  /// a des2 key, 24 a des3 key. Sensitive; parity as the device sets it. An AES master derives by
  /// ECB alone (CKM_AES_ECB_ENCRYPT_DATA): 16 or 32 bytes of input, as long an AES key.
  enum class DeriveMode { ecb, cbc };
  std::vector<Key> derive(const Key& master, std::span<const Bytes> inputs, DeriveMode mode,
                          const Usage& usage);

  // --- secrets that stay inside: no clear value passes the host -------------------------------

  /// The double-length key that `master` gives for each input (16 bytes; as derive, ECB), wrapped
  /// under `transport` by ECB: a DES key that may wrap, or an AES key where the device wraps by
  /// CKM_AES_CBC (a zero initial value, one block: that is ECB).
  std::vector<InsideKey> derive_wrapped(const Key& master, std::span<const Bytes> inputs,
                                        const Key& transport);

  /// Each secret from under `from`, a DES key that may unwrap, to under `to`, one that may wrap:
  /// CKM_DES3_ECB both, CKM_XOR_BASE_AND_DATA between them where there is a mask.
  std::vector<Bytes> rewrap_ecb(const Key& from, const Key& to, std::span<const Passage> secrets);

  /// A value that anybody may know under a DES key that may wrap and nothing else: padding.
  Bytes wrap_public(const Key& key, ByteView blocks);

  /// A DES session key out of CKM_DES3_ECB: `wrapped` has 16 or 24 bytes. unwrapping_key: DES.
  Key unwrap_ecb(const Key& unwrapping_key, ByteView wrapped, const Usage& usage);

  /// HMAC-SHA-256 of each message under a generic secret, 32 bytes.
  std::vector<Bytes> hmac_sha256(const Key& key, std::span<const Bytes> messages);

  /// A short secret under an AES storage key by AES-GCM: 12-byte IV | ciphertext | 16-byte tag.
  Bytes seal(const Key& key, const Secret& value, ByteView associated);
  /// Throws SetupError when the tag does not fit (another key, or the bytes were changed).
  Secret unseal(const Key& key, ByteView sealed, ByteView associated);

  /// Key check value, since CKA_CHECK_VALUE cannot be trusted: DES 3 bytes of zeros enciphered; AES
  /// 3 bytes of 01*16 enciphered. A key without `encrypt` is enciphered with by a session copy for
  /// the moment, where the device and the key's lock allow one; else it is what this product wrote
  /// to CKA_ID ("KCV", the 3 bytes, the key's size) when it made the key. Throws SetupError when
  /// neither is there, and for other types of key.
  Bytes kcv(const Key& key);

  /// The check values of a key by every method of its cipher, found as kcv() finds one; those that
  /// cannot be found are empty.
  CheckValues check_values(const Key& key);

  Bytes random(std::size_t count);
  /// The same for a key of this process: straight into locked memory.
  Secret random_secret(std::size_t count);

  /// Names of the mechanisms that the token lists, "CKM_DES3_ECB".
  std::vector<std::string> mechanisms();
  /// Whether an operation really works, found by trying it once with session keys and checking what
  /// comes out. Names: hsm/probe.h. Throws std::invalid_argument for another, Error when the device
  /// is lost.
  bool works(const std::string& operation);
  /// Tries it now, whatever is known, and says why not.
  ProbeAnswer probe(const std::string& operation);
  /// Makes works() believe what an earlier run of the program has found out.
  void assume(const std::string& operation, bool works);

  TokenInfo about() const;

  struct State;

 private:
  explicit Token(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace hsm

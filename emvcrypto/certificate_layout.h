/// What building and recovering certificates and signed data share (EMV 4.4 Book 2, 5-6). Internal
/// to emvcrypto.
#pragma once

#include "emvcrypto/fault.h"
#include "emvcrypto/rsa.h"

namespace emvcrypto::certificate {

constexpr std::uint8_t kHeader = 0x6A;
constexpr std::uint8_t kTrailer = 0xBC;
constexpr std::uint8_t kFill = 0xBB;
constexpr std::uint8_t kSha1 = 0x01;  ///< hash algorithm indicator (Book 2, B3.1)
constexpr std::uint8_t kRsa = 0x01;   ///< public key algorithm indicator (Book 2, B2.1)
constexpr std::size_t kHashSize = 20;
constexpr std::size_t kTail = kHashSize + 1;  ///< hash and trailer
constexpr std::size_t kMaxModulus = 248;      ///< Book 2, B2.1

constexpr std::size_t kExpirySize = 2;
constexpr std::size_t kSerialSize = 3;

/// The two kinds of public key certificate differ in their format byte and their subject.
struct Kind {
  std::uint8_t format;
  std::size_t subject_size;  ///< issuer identifier 4, PAN 10

  /// Bytes before the modulus' leftmost part: header, format, subject, expiry, serial, the two
  /// algorithms, the two lengths.
  constexpr std::size_t front() const { return 2 + subject_size + kExpirySize + kSerialSize + 4; }
  /// Bytes that are not the modulus: 36 and 42.
  constexpr std::size_t overhead() const { return front() + kTail; }
};
constexpr Kind kIssuer{0x02, 4};
constexpr Kind kIcc{0x04, 10};

constexpr std::uint8_t kStaticFormat = 0x03;
constexpr std::size_t kStaticOverhead = 26;
constexpr std::uint8_t kDynamicFormat = 0x05;
constexpr std::size_t kDynamicOverhead = 25;

/// Hash and trailer put behind everything else: `start` begins with the header; the hash covers
/// what follows it and then `extra`.
Bytes seal(Bytes start, std::initializer_list<ByteView> extra);

/// The public key's function over `signed_block`, with length, header, trailer, format and the
/// smallest size checked. Faults "cert-length", "cert-trailer", "cert-header", "cert-format".
Expected<Bytes> open(const RsaPublicKey& key, ByteView signed_block, std::uint8_t format,
                     std::size_t overhead);

/// Whether the hash in an opened block is the right one.
bool hash_holds(ByteView opened, std::initializer_list<ByteView> extra);

}  // namespace emvcrypto::certificate

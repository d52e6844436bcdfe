/// Public key certificates and signed data of offline data authentication (EMV 4.4 Book 2, 5 and
/// 6). Building gives the block that the private key signs; recovering checks everything that a
/// terminal would.
#pragma once

#include "emvcrypto/dates.h"
#include "emvcrypto/fault.h"
#include "emvcrypto/rsa.h"

namespace emvcrypto {

/// Content of an issuer public key certificate (Book 2, Table 2).
struct IssuerCertificate {
  Bytes issuer_id;  ///< 4 bytes: 3-8 digits, F on the right
  Bytes expiry;     ///< 2 bytes, MMYY
  Bytes serial;     ///< 3 bytes
  RsaPublicKey key;
};

/// Content of an ICC public key certificate or ICC PIN encipherment certificate (Book 2, Table 12
/// and Table 21).
struct IccCertificate {
  Bytes pan;     ///< 10 bytes: digits, F on the right
  Bytes expiry;  ///< 2 bytes, MMYY
  Bytes serial;  ///< 3 bytes
  RsaPublicKey key;
};

/// A block to sign, as long as the signer's modulus, and the key's remainder (may be empty).
struct CertificateBlock {
  Bytes block;
  Bytes remainder;
};

/// Tag 90's content and tag 92. ca_size: bytes of the CA's modulus. Throws std::invalid_argument
/// when a field has the wrong length or the key is longer than the CA's (Book 2, D1). A key that is
/// shorter than its room is filled up with BB and has no remainder.
CertificateBlock issuer_certificate_block(const IssuerCertificate& content, std::size_t ca_size);

/// Tag 9F46's (or 9F2D's) content and tag 9F48 (or 9F2F). `static_data` is the static data to be
/// authenticated, empty for the PIN encipherment key. issuer_size: bytes of the issuer's modulus.
CertificateBlock icc_certificate_block(const IccCertificate& content, ByteView static_data,
                                       std::size_t issuer_size);

/// Tag 93's content: signed static application data (Book 2, Table 3). dac: 2 bytes.
Bytes ssad_block(ByteView dac, ByteView static_data, std::size_t issuer_size);

/// Tag 9F4B's content: signed dynamic application data (Book 2, Table 14). `icc_dynamic_data`
/// starts with the length of the ICC dynamic number; `terminal_data` is the DDOL's data.
Bytes sdad_block(ByteView icc_dynamic_data, ByteView terminal_data, std::size_t icc_size);

/// The same structures recovered as a terminal does (Book 2, 5.3, 6.3, 6.4, 5.4, 6.5.2).
/// `remainder` is empty where the card has no such tag. Fault codes: "cert-length" "cert-header"
/// "cert-trailer" "cert-format" "cert-hash" "cert-algorithm".
Expected<IssuerCertificate> recover_issuer_certificate(const RsaPublicKey& ca, ByteView certificate,
                                                       ByteView remainder, ByteView exponent);
Expected<IccCertificate> recover_icc_certificate(const RsaPublicKey& issuer, ByteView certificate,
                                                 ByteView remainder, ByteView exponent,
                                                 ByteView static_data);
/// Returns the data authentication code (9F45), 2 bytes.
Expected<Bytes> recover_ssad(const RsaPublicKey& issuer, ByteView ssad, ByteView static_data);
/// Returns the ICC dynamic data.
Expected<Bytes> recover_sdad(const RsaPublicKey& icc, ByteView sdad, ByteView terminal_data);

/// What a terminal checks of a recovered certificate's content (Book 2, 5.3 steps 8-9 and 6.4 steps
/// 8-9): that it is for this PAN (digits) and that its month has not passed. Faults "cert-subject",
/// "cert-expired", "cert-format" (the expiry date is none).
Expected<void> check_issuer_certificate(const IssuerCertificate& content, std::string_view pan,
                                        const Date& today);
Expected<void> check_icc_certificate(const IccCertificate& content, std::string_view pan,
                                     const Date& today);

/// Whether a PAN (digits) belongs to the issuer id of a certificate (3-8 leftmost digits).
bool issuer_id_matches(ByteView issuer_id, std::string_view pan);

/// SHA-1 of RID | index | modulus | exponent: the check sum of a CA key (Book 2, 11.2.2).
Bytes ca_key_hash(ByteView rid, std::uint8_t index, const RsaPublicKey& key);

/// One record as the AFL names it, for the static data to be authenticated.
struct SignedRecord {
  std::uint8_t sfi = 0;
  ByteView record;  ///< as READ RECORD returns it: 70 LL ...
};
/// The static data (Book 3, 10.3): value of template 70 for SFI 1-10, the whole record for 11-30,
/// then the AIP where 9F4A holds 82. Fault "oda-record" when a record is not template 70,
/// "oda-tag-list" when 9F4A holds anything but 82.
Expected<Bytes> static_data(std::span<const SignedRecord> records, ByteView tag_list, ByteView aip);

/// An enciphered PIN for VERIFY (Book 2, 7.2): 7F | PIN block 8 | unpredictable number 8 | random
/// fill to the key's length. The caller enciphers it by rsa_recover (the public function).
Secret pin_encipherment_block(const Secret& pin_block_2, ByteView unpredictable, ByteView random,
                              std::size_t key_size);

}  // namespace emvcrypto

/// CA keys and issuer certificates of a work area: one YAML file each, in `ca/` and `issuers/`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kpd/certificates/response_file.h"
#include "kpd/plan/certificate_files.h"

namespace kpd {

inline constexpr const char* kCaFolder = "ca";
inline constexpr const char* kIssuerFolder = "issuers";
/// The register (certificate_register.h) of a work area, in its folder.
inline constexpr const char* kCertificateRegister = "certificates.db";

struct StoredCaKey {
  std::string name;  ///< of its file, without folder and ending
  std::filesystem::path file;
  CaKey ca;
};

struct StoredCertificate {
  std::string name;
  std::filesystem::path file;
  IssuerPlan issuer;
  std::string retired;
};

/// All of a work area, by name. Throws ConfigError for a file of the kind that cannot be read.
std::vector<StoredCaKey> stored_ca_keys(const std::filesystem::path& area);
std::vector<StoredCertificate> stored_certificates(const std::filesystem::path& area);

/// Kind of a YAML file ("ca-key"). Throws ConfigError.
std::string kind_of(const std::filesystem::path& file);

/// The texts of such files.
std::string ca_key_text(const std::string& title, const CaKey& ca);
struct IssuerText {
  std::string title, key_uri;
  Bytes issuer_id, rid;
  std::uint8_t ca_index = 0;
  emvcrypto::RsaPublicKey key;
  Bytes certificate, remainder;
};
std::string issuer_text(const IssuerText& issuer);

/// Writes a file whole or not at all. Throws Failure(io).
void write_whole(const std::filesystem::path& file, std::string_view content);

/// Adds `retired: "DAY"` to a file of one of the kinds. Throws Failure(hold) when it is retired.
void retire_file(const std::filesystem::path& file, const std::string& day);

/// A file's content. Throws Failure(io), Failure(hold) for one too long to be of this trade.
Bytes read_small_file(const std::filesystem::path& file);

}  // namespace kpd

/// Certificates and keys of the links to stations.
#pragma once

#include <filesystem>
#include <string>

namespace kpd {

/// PEM texts of one side.
struct TlsFiles {
  std::string authority;    ///< who signs the other side's certificate
  std::string certificate;  ///< own, with what is between it and the authority
  std::string key;
};

/// Whose files: `station` has station.pem and station.key, `client` client.pem and client.key; both
/// have ca.pem.
enum class TlsSide { station, client };

/// Reads the three files of a folder. Throws Failure(hold) when one is missing or no PEM, or when
/// others than its owner may read the key.
TlsFiles read_tls_files(const std::filesystem::path& folder, TlsSide side);

}  // namespace kpd

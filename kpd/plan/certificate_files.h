/// Files of public keys: a scheme's CA key, an issuer's certificate.
#pragma once

#include "kpd/config/yaml_reader.h"
#include "kpd/plan/key_plan.h"

namespace kpd {

/// A CA key as terminals know it.
struct CaKey {
  Bytes rid;
  std::uint8_t index = 0;
  emvcrypto::RsaPublicKey key;
  std::optional<emvcrypto::Date> last_day;  ///< of the key's validity, where its publisher tells
  std::string retired;                      ///< day since when no job may use it; empty: in use
};

/// A file of kind `ca-key`. The hash that its publisher gives must be that of the key (EMV 4.4
/// Book 2, Table 31). Throws ConfigError.
CaKey read_ca_key(YamlMap map);

/// An issuer's certificate with what is told about it.
struct IssuerFile {
  IssuerPlan issuer;  ///< without the CA key
  YamlNode key_uri, certificate;
  std::string retired;  ///< day since when no job may use it; empty: in use
};

/// A file of kind `issuer-certificate`. Throws ConfigError.
IssuerFile read_issuer_file(YamlMap map);

}  // namespace kpd

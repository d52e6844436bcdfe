/// Data groupings of one application in words.
#pragma once

#include <map>
#include <optional>

#include "cps/record.h"
#include "kpd/inspect/mask.h"
#include "kpd/inspect/node.h"

namespace kpd::inspect {

/// How one DGI is enciphered in the file.
struct Encipherment {
  std::string key;   ///< "TKK1"; empty: nothing says so
  std::string mode;  ///< "3DES-ECB"
};

/// "3DES-CBC".
std::string mode_text(const std::string& algorithm, cps::Cmode mode);

/// What is known of secret DGIs while an application is shown.
class SecretDgis {
 public:
  void add(cps::DgiId id, Encipherment how) { known_[id] = std::move(how); }

  /// How a DGI is enciphered; nothing for one that is clear. A DGI of the kind that is always
  /// secret (8000-8FFF) never counts as clear: it comes with an empty key.
  std::optional<Encipherment> find(cps::DgiId id) const;

 private:
  std::map<cps::DgiId, Encipherment> known_;
};

/// Kind "dgi". Secret: its length and its key, never a byte of it. Clear: objects, check values,
/// PIN tries, or hexadecimal. siblings: all DGIs of the application.
Node decode_dgi(const cps::Dgi& dgi, std::span<const cps::Dgi> siblings, const SecretDgis& secrets,
                const Mask& mask);

}  // namespace kpd::inspect

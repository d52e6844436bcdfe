/// A work area: the parties, each with its own token, on the device that they use here.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "hsm/token.h"
#include "kpd/device/device_profile.h"
#include "kpd/keys/key_roles.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// Who holds keys. The names are those of area.yaml.
inline constexpr std::string_view kManufacturer = "manufacturer";
inline constexpr std::string_view kBackOffice = "back-office";
inline constexpr std::string_view kPreparation = "preparation";
inline constexpr std::string_view kPersonaliser = "personaliser";
inline constexpr std::string_view kSchemeCa = "scheme-ca";
inline constexpr std::string_view kIssuerHost = "issuer-host";

class Area {
 public:
  /// Reads an area.yaml, or that of a folder. Throws ConfigError.
  static Area read(const std::filesystem::path& folder_or_file);

  /// The token of a party, logged in. Throws Failure(usage) when the area has no such party.
  std::shared_ptr<hsm::Token> open(std::string_view party, hsm::PinSource& pins);

  std::shared_ptr<hsm::Module> module();

  /// The profile of the device (`device`); one that says nothing where the area names a bare
  /// `module`.
  const DeviceProfile& device() const { return device_; }

  /// Token labels by party.
  const std::map<std::string, std::string, std::less<>>& parties() const { return parties_; }
  const std::filesystem::path& folder() const { return folder_; }
  bool test() const { return test_; }
  /// The register of the area's keys, and the log of what is done with them; made when needed.
  const std::filesystem::path& register_file() const { return register_file_; }
  const std::filesystem::path& audit_file() const { return audit_file_; }
  /// Folder of the books that stations keep of card files.
  std::filesystem::path books() const { return folder_ / "books"; }
  /// Host windows that the parties of this area allow outside jobs (loading and testing).
  const WindowPolicy& windows() const { return windows_; }
  /// What the personaliser's keys are to cards.
  const KeyRoles& key_roles() const { return key_roles_; }

 private:
  std::filesystem::path folder_, register_file_, audit_file_;
  DeviceProfile device_;
  std::map<std::string, std::string> environment_;
  std::map<std::string, std::string, std::less<>> parties_;
  bool test_ = false;
  WindowPolicy windows_;
  KeyRoles key_roles_ = default_key_roles();
  std::shared_ptr<hsm::Module> module_;
};

}  // namespace kpd

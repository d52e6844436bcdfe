/// Key ceremonies: custodians bring the components of a key, or take them away, one after the
/// other.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kpd/keyring/components.h"

namespace kpd {

/// Where custodians sit. Secrets go in and out here alone.
class CeremonyDesk {
 public:
  virtual ~CeremonyDesk() = default;
  /// A line that is not shown while it is typed.
  virtual hsm::Secret hidden(const std::string& prompt) = 0;
  virtual std::string ask(const std::string& prompt) = 0;
  virtual void say(const std::string& line) = 0;
  /// A secret for the one who sits there.
  virtual void show(const hsm::Secret& text) = 0;
  /// Nothing of what was said stays to be seen by who comes next.
  virtual void clear() = 0;
};

/// What a ceremony is about.
struct CeremonyKey {
  std::string label;  ///< name and version
  const KeyRole* role = nullptr;
  KeyAlgorithm algorithm = KeyAlgorithm::des2;
  std::size_t components = 3;
  bool weak_allowed = false;  ///< in test areas
};

/// A component as the audit log may know it.
struct ComponentNote {
  std::string custodian, kcv;
};

struct CeremonyResult {
  hsm::Secret key;
  std::vector<ComponentNote> notes;
};

/// Takes the components of a key from their custodians: hidden, each with its check value shown and
/// compared with the one that the custodian knows; three attempts each. Refused: what is no
/// component, one of zeros, one that came before, one of another check value, a custodian who had a
/// turn; a key that is weak. The whole key's check value is compared with `kcv`, or else with what
/// is typed at the end. Throws Failure(hold).
CeremonyResult enter_components(CeremonyDesk& desk, const CeremonyKey& key, const std::string& kcv);

/// Gives components out: `hand_over` gets each one's number, text and check value. The key is their
/// XOR, drawn again where it would be weak.
using HandOver = std::function<void(std::size_t number, const hsm::Secret& text,
                                    const std::string& kcv, const std::string& key_kcv)>;
CeremonyResult make_components(hsm::Token& token, const CeremonyKey& key,
                               const HandOver& hand_over);

/// Hands a component over on the desk, to none who got one `before`; returns the custodian.
std::string show_component(CeremonyDesk& desk, const CeremonyKey& key, std::size_t number,
                           const hsm::Secret& text, const std::string& kcv,
                           const std::vector<ComponentNote>& before);

/// Check values for people: "A43D42"; of AES keys "A43D42 (01), 1122334455 (CMAC) ...".
std::string kcv_text(const hsm::CheckValues& values);

}  // namespace kpd

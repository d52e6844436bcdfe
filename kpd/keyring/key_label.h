/// Names, versions and labels of keys.
#pragma once

#include <string>

namespace kpd {

/// A key's name and version as its label in the token says them: NAME is version 1 of it, NAME.2
/// version 2.
struct KeyLabel {
  std::string name;
  unsigned version = 1;
  bool operator==(const KeyLabel&) const = default;
};

std::string label_text(const KeyLabel& label);

/// Any text is a label: what does not end like a version is a name.
KeyLabel parse_key_label(const std::string& text);

/// Throws Failure(usage) for what cannot name a key: empty, longer than 64, anything but letters,
/// digits, '-' and '_', or what would read as a version.
void check_key_name(const std::string& name);

}  // namespace kpd

/// The tree of a YAML file, where every node knows its place and where it came from.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kpd/config/mistake.h"

namespace kpd {

struct ConfigValue;
using ConfigPtr = std::shared_ptr<const ConfigValue>;

/// One node; never changed once it is made, so that documents share what they have in common.
struct ConfigValue {
  enum class Kind { null, text, list, map };
  struct Pair {
    ConfigPtr key;  ///< a text
    ConfigPtr value;
  };

  Kind kind = Kind::null;
  std::string text;
  bool quoted = false;  ///< a text in quotes: YAML may not read it as a number
  std::vector<ConfigPtr> items;
  std::vector<Pair> pairs;  ///< in file order; no key twice
  FilePlace place;
  std::string origin;  ///< how it came here when not written at `place`: a parameter's value
  ConfigPtr replaced;  ///< what an extending document overrode by it

  /// The value of a key, or null.
  const ConfigValue* find(std::string_view key) const;
};

/// Parses one YAML document. `file` stands for it in messages. The limits of size (4 MiB), nesting
/// and nodes keep a hostile file, and aliases that multiply, from exhausting memory. Throws
/// ConfigError: not UTF-8, not YAML, a key twice, something behind the first document.
ConfigPtr parse_config(const std::string& text, const std::filesystem::path& file);

/// The same for a file.
ConfigPtr load_config(const std::filesystem::path& file);

/// A canonical text form (JSON): comments and layout gone, all scalars as text, maps in their
/// order. Part of plan digests.
std::string canonical_form(const ConfigValue& value);

}  // namespace kpd

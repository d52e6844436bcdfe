/// Reading of YAML files that people write: every key is known or an error, every error says where.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/tlv.h"
#include "kpd/config/config_value.h"

namespace kpd {

class YamlMap;

/// One node of a file, with its place.
class YamlNode {
 public:
  YamlNode(ConfigPtr value, std::string path) : value_(std::move(value)), path_(std::move(path)) {}

  /// Throws ConfigError. hint: what to do; id: stable name of the mistake's class.
  [[noreturn]] void fail(const std::string& what, const std::string& hint = {},
                         const std::string& id = {}) const;
  /// The same as a value.
  Mistake mistake(const std::string& what, const std::string& hint = {},
                  const std::string& id = {}) const;

  bool is_null() const { return value_->kind == ConfigValue::Kind::null; }
  bool is_map() const { return value_->kind == ConfigValue::Kind::map; }
  bool is_list() const { return value_->kind == ConfigValue::Kind::list; }
  bool is_text() const { return value_->kind == ConfigValue::Kind::text; }

  YamlMap map() const;
  std::vector<YamlNode> list() const;
  std::string text() const;
  /// A whole number within [low, high].
  std::uint64_t number(std::uint64_t low, std::uint64_t high) const;
  bool flag() const;
  /// Hexadecimal; must be quoted, since YAML reads 0101 and 5E24 as numbers.
  emvcrypto::Bytes hex() const;
  /// Hexadecimal of exactly `size` bytes.
  emvcrypto::Bytes hex(std::size_t size) const;
  emvcrypto::Tag tag() const;
  /// The index of the text among the names; the error lists them.
  std::size_t choice(std::initializer_list<std::string_view> names) const;

  const ConfigValue& value() const { return *value_; }
  const ConfigPtr& pointer() const { return value_; }
  /// "job.yaml:12:5"
  std::string place() const { return value_->place.text(); }
  /// Where in the document: "intake.fields.pan".
  const std::string& path() const { return path_; }

 private:
  std::string quoted(const char* what) const;

  ConfigPtr value_;
  std::string path_;
};

/// A map whose keys are taken one by one; what is left at finish() is a mistake.
class YamlMap {
 public:
  explicit YamlMap(const YamlNode& node);

  /// The value of a key that must be there.
  YamlNode need(const std::string& key);
  std::optional<YamlNode> maybe(const std::string& key);
  bool has(const std::string& key) const;

  std::string text(const std::string& key, const std::string& fallback);
  std::uint64_t number(const std::string& key, std::uint64_t fallback, std::uint64_t low,
                       std::uint64_t high);
  bool flag(const std::string& key, bool fallback);

  /// All pairs, in file order, for maps whose keys are free (they count as taken).
  std::vector<std::pair<YamlNode, YamlNode>> all();

  /// Throws ConfigError with every key that was never taken.
  void finish() const;

  const YamlNode& node() const { return node_; }

 private:
  YamlNode node_;
  std::vector<std::pair<YamlNode, YamlNode>> pairs_;
  std::set<std::string> taken_;
  std::vector<std::string> asked_;  ///< keys that may stand here
};

/// A loaded document of one kind. `kind` is what its key "kind" must say. Throws ConfigError.
YamlMap open_document(const ConfigPtr& value, const std::string& kind);

/// Reads a file of one document (config_value.h: limits). Throws ConfigError.
YamlMap read_yaml(const std::filesystem::path& file, const std::string& kind);

/// The same for a text in memory; `name` stands for the file in messages.
YamlMap parse_yaml(const std::string& text, const std::filesystem::path& name,
                   const std::string& kind);

}  // namespace kpd

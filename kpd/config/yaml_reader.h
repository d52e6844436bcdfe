/// Reading of YAML files that people write: every key is known or an error, every error says where.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/tlv.h"
#include "kpd/exit_code.h"

namespace kpd {

/// A mistake in a file: "job.yaml:12:5: unknown key 'prduct'".
class ConfigError : public Failure {
 public:
  explicit ConfigError(const std::string& what) : Failure(ExitCode::usage, what) {}
};

class YamlMap;

/// One node of a file, with its place.
class YamlNode {
 public:
  YamlNode(const YAML::Node& node, std::shared_ptr<const std::filesystem::path> file,
           std::string path);

  [[noreturn]] void fail(const std::string& what) const;

  bool is_map() const { return node_.IsMap(); }
  bool is_list() const { return node_.IsSequence(); }
  bool is_text() const { return node_.IsScalar(); }

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

  const std::filesystem::path& file() const { return *file_; }
  /// "job.yaml:12:5"
  std::string place() const;
  /// Where in the document: "intake.fields.pan".
  const std::string& path() const { return path_; }

 private:
  std::string quoted(const char* what) const;

  YAML::Node node_;
  std::shared_ptr<const std::filesystem::path> file_;
  std::string path_;
};

/// A map whose keys are taken one by one; what is left at finish() is a mistake.
class YamlMap {
 public:
  explicit YamlMap(const YamlNode& node, const YAML::Node& raw,
                   std::shared_ptr<const std::filesystem::path> file);

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

  /// Throws ConfigError when a key was never taken.
  void finish() const;

  const YamlNode& node() const { return node_; }

 private:
  YamlNode node_;
  std::vector<std::pair<YamlNode, YamlNode>> pairs_;
  std::set<std::string> taken_;
};

/// Reads a file of one document. `kind` is what its key "kind" must say. The limits of size (4 MiB)
/// and nesting keep a hostile file from exhausting memory. Throws ConfigError.
YamlMap read_yaml(const std::filesystem::path& file, const std::string& kind);

/// The same for a text in memory; `name` stands for the file in messages.
YamlMap parse_yaml(const std::string& text, const std::filesystem::path& name,
                   const std::string& kind);

/// The document in a canonical text form: comments and layout gone, all scalars as text, maps in
/// the order of the file. Part of plan digests.
std::string canonical_yaml(const std::filesystem::path& file);

/// The same for a text in memory; `name` stands for the file in messages.
std::string canonical_form(const std::string& text, const std::filesystem::path& name);

}  // namespace kpd

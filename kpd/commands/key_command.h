/// What the key commands share: the party's keys, options of new keys, and how keys are shown.
#pragma once

#include <nlohmann/json.hpp>

#include "kpd/commands/command.h"
#include "kpd/keyring/ceremony.h"
#include "kpd/keyring/keyring.h"

namespace kpd {

void add_key_generate(CLI::App& parent, Invocation& invocation);
void add_key_import(CLI::App& parent, Invocation& invocation);
void add_key_export(CLI::App& parent, Invocation& invocation);
void add_key_list(CLI::App& parent, Invocation& invocation);
void add_key_show(CLI::App& parent, Invocation& invocation);
void add_key_rotate(CLI::App& parent, Invocation& invocation);
void add_key_retire(CLI::App& parent, Invocation& invocation);
void add_key_destroy(CLI::App& parent, Invocation& invocation);
void add_key_register(CLI::App& parent, Invocation& invocation);

/// Whose keys, and which.
struct KeyPlace {
  std::string area = ".", party = std::string(kPreparation), name;
  unsigned version = 0;  ///< 0: not said

  void add_area(CLI::App& command);
  void add_name(CLI::App& command);
  void add_version(CLI::App& command, const std::string& what);
  std::optional<unsigned> chosen_version() const;
};

/// An area with one party's keys open.
struct OpenKeys {
  Area area;
  std::unique_ptr<hsm::PinSource> pins;
  Keyring keys;
};
OpenKeys open_keys(const KeyPlace& place, const Invocation& invocation);

/// When a key may be used.
struct KeyTerm {
  std::string from_text, until_text;
  bool pending = false;

  void add_to(CLI::App& command);
  std::optional<emvcrypto::Date> from() const;
  /// Throws Failure(usage) when it lies before the first day.
  std::optional<emvcrypto::Date> until() const;
};

/// What a new key is to be.
struct KeyOptions {
  std::string role, type, use;
  bool exportable = false;
  KeyTerm term;

  void add_to(CLI::App& command);
  /// The name is the role unless one was said. Throws Failure(usage).
  const KeyRole& role_of(const std::string& name) const;
  /// The role's first algorithm unless one was said. Throws Failure(usage).
  KeyAlgorithm algorithm(const KeyRole& role) const;
  /// Everything of a new key but origin, action and audit details.
  NewKey wanted(const KeyPlace& place, KeyAlgorithm algorithm) const;
};

/// The whole of a text file, at most `limit` bytes. Throws Failure(io).
std::string read_text_file(const std::string& file, std::size_t limit = 1 << 20);
/// To a file (whole or not at all), or standard output for "-".
void write_text(const std::string& file, const std::string& text);

nlohmann::ordered_json to_json(const KeyEntry& entry);
/// The entry for people or, with --json, for programs. `done`: "made", "imported" ...
void report_key(const KeyEntry& entry, const std::string& done, const Invocation& invocation);

/// What the audit log keeps of a ceremony.
std::vector<std::pair<std::string, std::string>> audit_of(const CeremonyResult& result);

}  // namespace kpd

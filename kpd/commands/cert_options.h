/// What the commands of `kpd cert` and `kpd ca` share.
#pragma once

#include <CLI/CLI.hpp>

#include "kpd/certificates/certificate_store.h"
#include "kpd/commands/command.h"

namespace kpd {

void add_cert_request(CLI::App& parent, Invocation& invocation);
void add_cert_import_ca(CLI::App& parent, Invocation& invocation);
void add_cert_import(CLI::App& parent, Invocation& invocation);
void add_cert_list(CLI::App& parent, Invocation& invocation);
void add_cert_show(CLI::App& parent, Invocation& invocation);
void add_cert_retire(CLI::App& parent, Invocation& invocation);
void add_cert_serials(CLI::App& parent, Invocation& invocation);
void add_ca_init(CLI::App& parent, Invocation& invocation);
void add_ca_key(CLI::App& parent, Invocation& invocation);
void add_ca_answer(CLI::App& parent, Invocation& invocation);
void add_ca_publish(CLI::App& parent, Invocation& invocation);
void add_ca_list(CLI::App& parent, Invocation& invocation);

/// --area and --date.
struct AreaOptions {
  std::string area = "area.yaml", date;

  void add_to(CLI::App& command);
  void add_date_to(CLI::App& command);
  /// Throws ConfigError.
  Area open() const { return Area::read(area); }
  /// What --date says, else the day by this machine's clock. Throws Failure(usage).
  emvcrypto::Date today() const;
};

/// Hexadecimal of an option; `size` 0: any. Throws Failure(usage).
Bytes hex_option(const std::string& option, const std::string& text, std::size_t size);
/// An issuer identifier of 3 to 8 digits, with or without its F. Throws Failure(usage).
Bytes issuer_id_option(const std::string& text);
/// MMYY that has not passed. Throws Failure(usage).
Bytes expiry_option(const std::string& text, const emvcrypto::Date& today);

/// Throws Failure(usage) for what cannot name a file: empty, or anything but letters, digits, '-',
/// '_' and '.'.
void check_file_name(const std::string& name);

/// Throws Failure(usage) when one of the files is in the folder with other content.
void check_new_files(const std::filesystem::path& folder, const std::vector<NamedFile>& files);
/// Writes files into a folder, made where there is none, after check_new_files().
void write_new_files(const std::filesystem::path& folder, const std::vector<NamedFile>& files);

/// One line of the audit log of the area; nothing in it is secret.
void note(const Area& area, const std::string& action, const std::string& result,
          std::vector<std::pair<std::string, std::string>> details, const std::string& reason = {});

/// Throws Failure(hold) with `what` and the fault's reason.
[[noreturn]] void refuse(const std::string& what, const emvcrypto::Fault& fault);

}  // namespace kpd

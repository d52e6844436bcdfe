#include "kpd/commands/cert_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <ctime>

#include "kpd/area/operators.h"
#include "kpd/audit/audit_log.h"
#include "kpd/certificates/signed_block.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void misuse(const std::string& what) {
  throw Failure(ExitCode::usage, what);
}

std::string time_text(const char* format, bool local) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  if (local)
    localtime_r(&now, &parts);
  else
    gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

}  // namespace

void AreaOptions::add_to(CLI::App& command) {
  command.add_option("--area", area, "Work area: its folder or its area.yaml (default: here)");
}
void AreaOptions::add_date_to(CLI::App& command) {
  command.add_option("--date", date, "Day to judge by, as 2026-11-22 (default: today)");
}

emvcrypto::Date AreaOptions::today() const {
  const auto day = emvcrypto::parse_iso_date(date.empty() ? time_text("%Y-%m-%d", true) : date);
  if (!day) misuse("--date: a date is written as 2026-11-22");
  return *day;
}

Bytes hex_option(const std::string& option, const std::string& text, std::size_t size) {
  const auto bytes = emvcrypto::parse_hex(text);
  if (!bytes || bytes->empty() || (size != 0 && bytes->size() != size))
    misuse(fmt::format("{}: expected {} hexadecimal digits, not '{}'", option,
                       size == 0 ? "an even number of" : std::to_string(2 * size), text));
  return *bytes;
}

Bytes issuer_id_option(const std::string& text) {
  const std::string digits = text.substr(0, std::min(text.find_first_of("Ff"), text.size()));
  if (digits.size() >= 3 && digits.size() <= 8 &&
      digits.find_first_not_of("0123456789") == digits.npos)
    if (Bytes id = emvcrypto::compressed_numeric(digits, 4);
        text == digits || emvcrypto::parse_hex(text) == id)
      return id;
  misuse("--issuer-id: an issuer identifier has 3 to 8 digits, not '" + text + "'");
}

Bytes expiry_option(const std::string& text, const emvcrypto::Date& today) {
  const auto mmyy = emvcrypto::parse_hex(text);
  const auto day = mmyy ? last_day_of(*mmyy) : Expected<emvcrypto::Date>(emvcrypto::Date{});
  if (!mmyy || !day) misuse("--expiry: a month is written as MMYY (1230), not '" + text + "'");
  if (*day < today) misuse("--expiry: " + day->iso() + " has passed");
  return *mmyy;
}

void check_file_name(const std::string& name) {
  const bool good = !name.empty() && name.front() != '.' && name.size() <= 64 &&
                    name.find_first_not_of(
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789-_.") == name.npos;
  if (!good) misuse("'" + name + "' is no name: letters, digits, '-', '_' and '.', 64 at most");
}

void check_new_files(const fs::path& folder, const std::vector<NamedFile>& files) {
  for (const NamedFile& file : files)
    if (fs::exists(folder / file.name) && read_small_file(folder / file.name) != file.content)
      misuse((folder / file.name).string() +
             ": a file of this name is there with other content: name another folder, or move it");
}

void write_new_files(const fs::path& folder, const std::vector<NamedFile>& files) {
  check_new_files(folder, files);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Failure(ExitCode::io, folder.string() + ": " + error.message());
  for (const NamedFile& file : files)
    write_whole(folder / file.name, emvcrypto::as_text(file.content));
}

void note(const Area& area, const std::string& action, const std::string& result,
          std::vector<std::pair<std::string, std::string>> details, const std::string& reason) {
  const AuditLog log(area.audit_file(), {geteuid(), user_name(),
                                         [] { return time_text("%Y-%m-%dT%H:%M:%SZ", false); }});
  log.append({action, result, reason, std::move(details)});
}

void refuse(const std::string& what, const emvcrypto::Fault& fault) {
  throw Failure(ExitCode::hold, what + ": " + fault.reason + " (" + fault.code + ")");
}

}  // namespace kpd

#include "kpd/certificates/certificate_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "kpd/certificates/signed_block.h"
#include "kpd/files/atomic_file.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;
using emvcrypto::to_hex;

constexpr std::uintmax_t kLongestFile = 4U << 20U;

/// YAML files of a kind in a folder, by name.
std::vector<fs::path> files_of(const fs::path& folder, std::string_view kind) {
  std::vector<fs::path> files;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing))
    if (entry.path().extension() == ".yaml" && kind_of(entry.path()) == kind)
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string key_text(const emvcrypto::RsaPublicKey& key) {
  return fmt::format("{{modulus: \"{}\", exponent: \"{}\"}}", to_hex(key.modulus),
                     to_hex(key.exponent));
}

}  // namespace

std::string kind_of(const fs::path& file) {
  const ConfigPtr document = load_config(file);
  const ConfigValue* kind = document->find("kind");
  return kind == nullptr ? "" : kind->text;
}

std::vector<StoredCaKey> stored_ca_keys(const fs::path& area) {
  std::vector<StoredCaKey> keys;
  for (const fs::path& file : files_of(area / kCaFolder, "ca-key"))
    keys.push_back({file.stem().string(), file, read_ca_key(read_yaml(file, "ca-key"))});
  return keys;
}

std::vector<StoredCertificate> stored_certificates(const fs::path& area) {
  std::vector<StoredCertificate> certificates;
  for (const fs::path& file : files_of(area / kIssuerFolder, "issuer-certificate")) {
    IssuerFile read = read_issuer_file(read_yaml(file, "issuer-certificate"));
    read.issuer.name = file.stem().string();
    certificates.push_back({read.issuer.name, file, std::move(read.issuer), read.retired});
  }
  return certificates;
}

std::string ca_key_text(const std::string& title, const CaKey& ca) {
  return fmt::format(
      "kind: ca-key\ntitle: \"{}\"\nrid: \"{}\"\nindex: \"{:02X}\"\nkey: {}\nhash: \"{}\"\n{}",
      title, to_hex(ca.rid), ca.index, key_text(ca.key),
      to_hex(emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key)),
      ca.last_day ? fmt::format("expiry: \"{}\"\n", ca.last_day->mmyy()) : "");
}

std::string issuer_text(const IssuerText& issuer) {
  return fmt::format(
      "kind: issuer-certificate\ntitle: \"{}\"\nkey_uri: \"{}\"\nissuer_id: \"{}\"\nrid: \"{}\"\n"
      "ca_index: \"{:02X}\"\nkey: {}\ncertificate: \"{}\"\nremainder: \"{}\"\n",
      issuer.title, issuer.key_uri, to_hex(issuer.issuer_id), to_hex(issuer.rid), issuer.ca_index,
      key_text(issuer.key), to_hex(issuer.certificate), to_hex(issuer.remainder));
}

void write_whole(const fs::path& file, std::string_view content) {
  AtomicFile out(file);
  out.stream() << content;
  out.commit();
}

void retire_file(const fs::path& file, const std::string& day) {
  const ConfigPtr document = load_config(file);
  if (const ConfigValue* retired = document->find("retired"))
    throw Failure(ExitCode::hold, file.string() + ": this was retired on " + retired->text);
  const Bytes content = read_small_file(file);
  std::string text(emvcrypto::as_text(content));
  if (!text.ends_with('\n')) text += '\n';
  text += fmt::format("retired: \"{}\"\n", day);
  if (parse_config(text, file)->find("retired") == nullptr)
    throw Failure(ExitCode::usage,
                  file.string() + ": write this line into it by hand: retired: \"" + day + "\"");
  write_whole(file, text);
}

Bytes read_small_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  const auto size = fs::is_regular_file(file, error) ? fs::file_size(file, error) : 0;
  if (!in || error || !fs::is_regular_file(file))
    throw Failure(ExitCode::io, file.string() + ": cannot be opened, or is no file");
  if (size > kLongestFile)
    throw Failure(ExitCode::hold, file.string() + ": this is too long to be such a file");
  Bytes content(size);
  in.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(size));
  if (!in) throw Failure(ExitCode::io, file.string() + ": cannot be read");
  return content;
}

}  // namespace kpd

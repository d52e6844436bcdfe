#include "kpd/remote/certificate_folder.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "emvcrypto/tls_certificates.h"
#include "kpd/chip/descriptor.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;
using emvcrypto::TlsIdentity;

constexpr std::size_t kMostHostName = 253;       // RFC 1035, 2.3.4, as text
constexpr std::chrono::hours kClocksDiffer{24};  // between hosts

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw Failure(ExitCode::io, path.string() + ": " + what);
}

void check_host(const std::string& host) {
  const bool known = std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || c == '.' || c == '-';
  });
  if (!known || host.empty() || host.size() > kMostHostName || host.front() == '.' ||
      host.front() == '-' || host == "ca" || host == "client")
    throw Failure(ExitCode::usage,
                  "--host: '" + host + "' is no DNS name or IPv4 address such as smart1.example");
}

void make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), S_IRWXU) != 0) fail(folder, std::strerror(errno));
}

void write_new(const fs::path& file, const std::string& text, mode_t mode) {
  const chip::Descriptor fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(fd.get()) != 0)
    fail(file, std::strerror(errno));
}

void write_identity(const fs::path& folder, const std::string& name, const TlsIdentity& identity) {
  write_new(folder / (name + ".key"), identity.key, S_IRUSR | S_IWUSR);
  write_new(folder / (name + ".pem"), identity.certificate, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
}

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) fail(file, "cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

/// One folder of a host or a client, with the authority's certificate beside its own.
void write_member(const fs::path& folder, const std::string& name, const TlsIdentity& identity,
                  const TlsIdentity& authority) {
  make_folder(folder);
  write_new(folder / "ca.pem", authority.certificate, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
  write_identity(folder, name, identity);
}

}  // namespace

std::vector<fs::path> make_certificate_folders(const fs::path& folder,
                                               const std::vector<std::string>& hosts,
                                               std::chrono::system_clock::time_point now) {
  for (const std::string& host : hosts) {
    check_host(host);
    if (fs::exists(folder / host))
      throw Failure(ExitCode::hold, (folder / host).string() +
                                        ": is there already; move it away "
                                        "to make new certificates");
  }
  const emvcrypto::TlsValidity validity{now - kClocksDiffer, now + kStationCertificateTime};
  std::vector<fs::path> made;
  if (!fs::exists(folder)) make_folder(folder);
  TlsIdentity authority;
  if (fs::exists(folder / "ca")) {
    authority = {read_text(folder / "ca/ca.pem"), read_text(folder / "ca/ca.key")};
  } else {
    authority = emvcrypto::make_tls_authority("KPD stations", validity);
    make_folder(folder / "ca");
    write_identity(folder / "ca", "ca", authority);
    made.push_back(folder / "ca");
  }
  try {
    if (!fs::exists(folder / "client")) {
      write_member(folder / "client", "client",
                   emvcrypto::make_tls_client(authority, "kpd", validity), authority);
      made.push_back(folder / "client");
    }
    for (const std::string& host : hosts) {
      write_member(folder / host, "station", emvcrypto::make_tls_host(authority, host, validity),
                   authority);
      made.push_back(folder / host);
    }
  } catch (const std::invalid_argument& error) {
    throw Failure(ExitCode::hold, (folder / "ca").string() + ": " + error.what());
  }
  return made;
}

}  // namespace kpd

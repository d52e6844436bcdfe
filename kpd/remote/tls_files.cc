#include "kpd/remote/tls_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "kpd/chip/descriptor.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::size_t kMostPemBytes = 256 * 1024;

enum class Readers { anybody, owner };

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& why) {
  throw Failure(ExitCode::hold, file.string() + ": " + why);
}

std::string read_pem(const std::filesystem::path& file, Readers readers) {
  const chip::Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  if (!fd || ::fstat(fd.get(), &facts) != 0)
    refuse(file, fmt::format("cannot be read ({}); kpd station certificates --help tells how such "
                             "files are made",
                             std::strerror(errno)));
  if (!S_ISREG(facts.st_mode)) refuse(file, "is no file");
  if (readers == Readers::owner && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    refuse(file, "others may read this key: chmod 600");
  std::string text(kMostPemBytes, '\0');
  std::size_t size = 0;
  ssize_t got;
  while (size < text.size() && (got = ::read(fd.get(), &text[size], text.size() - size)) != 0) {
    if (got < 0 && errno != EINTR) refuse(file, "cannot be read");
    if (got > 0) size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  if (text.find("-----BEGIN ") == text.npos) refuse(file, "holds nothing in PEM");
  return text;
}

}  // namespace

TlsFiles read_tls_files(const std::filesystem::path& folder, TlsSide side) {
  const std::string name = side == TlsSide::station ? "station" : "client";
  return {read_pem(folder / "ca.pem", Readers::anybody),
          read_pem(folder / (name + ".pem"), Readers::anybody),
          read_pem(folder / (name + ".key"), Readers::owner)};
}

}  // namespace kpd

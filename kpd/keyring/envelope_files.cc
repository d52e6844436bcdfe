#include "kpd/keyring/envelope_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const char* what, int error) {
  throw Failure(ExitCode::io, fmt::format("{}: {}: {}", file.string(), what, std::strerror(error)));
}

bool write_all(int descriptor, hsm::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

EnvelopeFiles::EnvelopeFiles(std::filesystem::path folder) : folder_(std::move(folder)) {
  if (mkdir(folder_.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    fail(folder_, "the folder for components cannot be made", errno);
}

EnvelopeFiles::~EnvelopeFiles() {
  if (kept_) return;
  for (const auto& file : files_) {
    const int emptied = truncate(file.c_str(), 0);
    static_cast<void>(emptied);
    unlink(file.c_str());
  }
}

void EnvelopeFiles::write(const CeremonyKey& key, std::size_t number, const hsm::Secret& text,
                          const std::string& kcv, const std::string& key_kcv) {
  const auto file =
      folder_ / fmt::format("{}-component-{}-of-{}.txt", key.label, number, key.components);
  const int descriptor =
      open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor < 0) fail(file, "the component cannot be written", errno);
  files_.push_back(file);
  const std::string before = fmt::format("Key {}, {}\nComponent {} of {}\n\n", key.label,
                                         algorithm_name(key.algorithm), number, key.components);
  const std::string after =
      fmt::format("\n\nKCV of this component: {}\nKCV of the whole key: {}\n", kcv, key_kcv);
  const bool written = write_all(descriptor, emvcrypto::as_bytes(before)) &&
                       write_all(descriptor, text.expose()) &&
                       write_all(descriptor, emvcrypto::as_bytes(after)) && fsync(descriptor) == 0;
  const int error = errno;
  close(descriptor);
  if (!written) fail(file, "the component cannot be written", error);
}

}  // namespace kpd

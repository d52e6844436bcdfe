#include "kpd/audit/audit_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "emvcrypto/hash.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const char* what) {
  throw Failure(ExitCode::io,
                file.string() + ": the audit log " + what + ": " + std::strerror(errno));
}

/// The file, locked against other writers until the end of the scope.
class LockedFile {
 public:
  explicit LockedFile(const std::filesystem::path& file)
      : file_(file),
        descriptor_(open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                         S_IRUSR | S_IWUSR)) {
    if (descriptor_ < 0) fail(file_, "cannot be opened");
    while (flock(descriptor_, LOCK_EX) != 0)
      if (errno != EINTR) {
        close(descriptor_);
        fail(file_, "cannot be locked");
      }
  }
  ~LockedFile() { close(descriptor_); }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;

  off_t size() const {
    struct stat status {};
    if (fstat(descriptor_, &status) != 0) fail(file_, "cannot be read");
    return status.st_size;
  }

  std::string read(off_t from, std::size_t count) const {
    std::string text(count, '\0');
    std::size_t done = 0;
    while (done < count) {
      const ssize_t some =
          pread(descriptor_, text.data() + done, count - done, from + static_cast<off_t>(done));
      if (some < 0 && errno == EINTR) continue;
      if (some <= 0) fail(file_, "cannot be read");
      done += static_cast<std::size_t>(some);
    }
    return text;
  }

  /// All of it, on the disk; what could not be written whole is taken back.
  void write(const std::string& text) const {
    const off_t before = size();
    std::size_t done = 0;
    while (done < text.size()) {
      const ssize_t some = ::write(descriptor_, text.data() + done, text.size() - done);
      if (some < 0 && errno == EINTR) continue;
      if (some <= 0) return take_back(before);
      done += static_cast<std::size_t>(some);
    }
    if (fsync(descriptor_) != 0) take_back(before);
  }

 private:
  void take_back(off_t size) const {
    const int error = errno;
    const int ignored = ftruncate(descriptor_, size);
    static_cast<void>(ignored);
    errno = error;
    fail(file_, "cannot be written");
  }

  const std::filesystem::path& file_;
  int descriptor_;
};

struct LastLine {
  std::string text;
  bool whole = true;
};

LastLine last_line(const LockedFile& file) {
  constexpr off_t kPiece = 4096;
  LastLine last;
  off_t from = file.size();
  if (from == 0) return last;
  while (from > 0) {
    const off_t count = std::min(from, kPiece);
    from -= count;
    last.text.insert(0, file.read(from, static_cast<std::size_t>(count)));
    const std::size_t end = last.text.size() - (last.text.back() == '\n' ? 1 : 0);
    if (const auto before = last.text.rfind('\n', end == 0 ? 0 : end - 1);
        before != std::string::npos && before + 1 < last.text.size()) {
      last.text.erase(0, before + 1);
      break;
    }
  }
  last.whole = last.text.back() == '\n';
  if (last.whole) last.text.pop_back();
  return last;
}

}  // namespace

AuditLog::AuditLog(std::filesystem::path file, Actor actor)
    : file_(std::move(file)), actor_(std::move(actor)) {}

void AuditLog::append(const AuditEntry& entry) const {
  const LockedFile file(file_);
  const bool is_first = file.size() == 0;
  const LastLine last = last_line(file);
  nlohmann::ordered_json line{
      {"previous", is_first
                       ? std::string(64, '0')
                       : emvcrypto::to_hex(emvcrypto::sha256({emvcrypto::as_bytes(last.text)}))},
      {"when", actor_.now()},
      {"uid", actor_.uid},
      {"user", actor_.name},
      {"action", entry.action},
      {"result", entry.result}};
  if (!entry.reason.empty()) line["reason"] = entry.reason;
  for (const auto& [name, value] : entry.details) line[name] = value;
  std::string text;
  if (!last.whole) text += '\n';
  text += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text += '\n';
  file.write(text);
}

}  // namespace kpd

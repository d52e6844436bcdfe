#include "kpd/files/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <streambuf>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

[[noreturn]] void failed(const std::filesystem::path& file, const char* what) {
  throw Failure(ExitCode::io, file.string() + ": " + what + ": " + std::strerror(errno));
}

/// A stream buffer over a descriptor; a write that fails puts the stream into its bad state.
class DescriptorBuffer : public std::streambuf {
 public:
  explicit DescriptorBuffer(int descriptor) : descriptor_(descriptor) {
    setp(buffer_.data(), buffer_.data() + buffer_.size());
  }

 protected:
  int_type overflow(int_type c) override {
    if (!drain()) return traits_type::eof();
    if (!traits_type::eq_int_type(c, traits_type::eof())) {
      *pptr() = traits_type::to_char_type(c);
      pbump(1);
    }
    return traits_type::not_eof(c);
  }
  int sync() override { return drain() ? 0 : -1; }

 private:
  bool drain() {
    const char* at = pbase();
    while (at < pptr()) {
      const ssize_t count = ::write(descriptor_, at, static_cast<std::size_t>(pptr() - at));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      at += count;
    }
    setp(buffer_.data(), buffer_.data() + buffer_.size());
    return true;
  }

  int descriptor_;
  std::array<char, 1 << 16> buffer_;
};

}  // namespace

struct AtomicFile::State {
  std::filesystem::path target;
  std::string temporary;  ///< empty as long as the file has no name
  bool replaced = false;  ///< the target is new, and not yet for good
  std::string kept;       ///< name of the old target meanwhile; empty: there was none
  int descriptor = -1;
  std::unique_ptr<DescriptorBuffer> buffer;
  std::unique_ptr<std::ostream> stream;

  std::filesystem::path folder() const {
    return target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
  }

  /// A name beside the target that nothing has.
  std::string free_name() const {
    static std::atomic<unsigned> count = 0;
    return (folder() / fmt::format(".{}.{}.{}", target.filename().string(), getpid(), ++count))
        .string();
  }

  /// Where the file system knows no files without names, one with a temporary name.
  void open_file() {
    descriptor = open(folder().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0) return;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT)
      failed(target, "cannot be written");
    const std::string name = free_name();
    descriptor = open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) failed(target, "cannot be written");
    temporary = name;
  }

  void give_name() {
    if (!temporary.empty()) return;
    const std::string name = free_name();
    const std::string self = fmt::format("/proc/self/fd/{}", descriptor);
    if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0)
      failed(target, "cannot be given a name");
    temporary = name;
  }

  void take_name() {
    if (rename(temporary.c_str(), target.c_str()) != 0) failed(target, "cannot take its name");
    temporary.clear();
    const int opened = open(folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) return;
    fsync(opened);
    close(opened);
  }

  void keep_old() {
    if (!std::filesystem::exists(target)) return;
    const std::string name = kept_name(target).string();
    if (link(target.c_str(), name.c_str()) != 0) failed(target, "cannot be kept");
    kept = name;
  }

  void take_back() {
    if (kept.empty())
      unlink(target.c_str());
    else
      rename(kept.c_str(), target.c_str());
    kept.clear();
  }
};

AtomicFile::AtomicFile(std::filesystem::path target) : state_(std::make_unique<State>()) {
  state_->target = std::move(target);
  state_->open_file();
  state_->buffer = std::make_unique<DescriptorBuffer>(state_->descriptor);
  state_->stream = std::make_unique<std::ostream>(state_->buffer.get());
}

AtomicFile::~AtomicFile() {
  if (state_->replaced) state_->take_back();
  if (!state_->kept.empty()) unlink(state_->kept.c_str());
  if (state_->descriptor >= 0) close(state_->descriptor);
  if (!state_->temporary.empty()) unlink(state_->temporary.c_str());
}

std::filesystem::path AtomicFile::kept_name(const std::filesystem::path& target) {
  return target.parent_path() / ("." + target.filename().string() + ".before");
}

std::ostream& AtomicFile::stream() {
  return *state_->stream;
}

void AtomicFile::sync() {
  State& s = *state_;
  s.stream->flush();
  if (!*s.stream) failed(s.target, "cannot be written to its end");
  if (fsync(s.descriptor) != 0) failed(s.target, "cannot be synced");
}

void AtomicFile::commit() {
  sync();
  state_->give_name();
  state_->take_name();
}

void AtomicFile::replace() {
  sync();
  state_->give_name();
  state_->keep_old();
  state_->take_name();
  state_->replaced = true;
}

void AtomicFile::settle() {
  state_->replaced = false;
  if (!state_->kept.empty()) unlink(state_->kept.c_str());
  state_->kept.clear();
}

}  // namespace kpd

#include "kpd/files/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
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
  std::filesystem::path target, temporary;
  int descriptor = -1;
  std::unique_ptr<DescriptorBuffer> buffer;
  std::unique_ptr<std::ostream> stream;
  bool committed = false;

  std::filesystem::path folder() const {
    return target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
  }
};

AtomicFile::AtomicFile(std::filesystem::path target) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.target = std::move(target);
  std::string name = (s.folder() / ("." + s.target.filename().string() + ".XXXXXX")).string();
  s.descriptor = mkostemp(name.data(), O_CLOEXEC);  // mode 0600
  if (s.descriptor < 0) failed(s.target, "cannot be written");
  s.temporary = name;
  s.buffer = std::make_unique<DescriptorBuffer>(s.descriptor);
  s.stream = std::make_unique<std::ostream>(s.buffer.get());
}

AtomicFile::~AtomicFile() {
  if (state_->descriptor >= 0) close(state_->descriptor);
  if (!state_->committed) unlink(state_->temporary.c_str());
}

std::ostream& AtomicFile::stream() {
  return *state_->stream;
}

void AtomicFile::commit() {
  State& s = *state_;
  s.stream->flush();
  if (!*s.stream) failed(s.target, "cannot be written to its end");
  if (fsync(s.descriptor) != 0) failed(s.target, "cannot be synced");
  if (rename(s.temporary.c_str(), s.target.c_str()) != 0) failed(s.target, "cannot take its name");
  s.committed = true;
  const int folder = open(s.folder().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    fsync(folder);
    close(folder);
  }
}

}  // namespace kpd

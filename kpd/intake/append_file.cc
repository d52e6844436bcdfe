#include "kpd/intake/append_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

[[noreturn]] void fail() {
  throw Failure(ExitCode::io, std::string("the temporary file failed: ") + std::strerror(errno) +
                                  "; is there room in the folder for temporary files?");
}

/// A file without a name in the folder for temporary files.
int open_unnamed() {
  std::string name = (std::filesystem::temp_directory_path() / "kpd-XXXXXX").string();
  const int file = mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) fail();
  unlink(name.c_str());
  return file;
}

}  // namespace

AppendFile::AppendFile() : file_(open_unnamed()) {
  block_.reserve(kBlock);
}

AppendFile::~AppendFile() {
  close(file_);
}

void AppendFile::flush() {
  std::size_t done = 0;
  while (done < block_.size()) {
    const ssize_t count = pwrite(file_, block_.data() + done, block_.size() - done,
                                 static_cast<off_t>(written_ + done));
    if (count < 0 && errno != EINTR) fail();
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  written_ += done;
  block_.clear();
}

std::uint64_t AppendFile::append(emvcrypto::ByteView bytes) {
  if (block_.size() + bytes.size() > kBlock) flush();
  const std::uint64_t place = size();
  emvcrypto::append(block_, bytes);
  return place;
}

emvcrypto::Bytes AppendFile::read(std::uint64_t place, std::size_t count) {
  if (place + count > written_) flush();
  emvcrypto::Bytes bytes(count);
  std::size_t done = 0;
  while (done < count) {
    const ssize_t more =
        pread(file_, bytes.data() + done, count - done, static_cast<off_t>(place + done));
    if (more == 0 || (more < 0 && errno != EINTR)) fail();
    if (more > 0) done += static_cast<std::size_t>(more);
  }
  return bytes;
}

}  // namespace kpd

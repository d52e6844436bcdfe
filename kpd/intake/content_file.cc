#include "kpd/intake/content_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

using emvcrypto::fault;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int operator*() const { return number_; }

 private:
  int number_;
};

/// All of a file up to `size` bytes, fewer when it is shorter; nothing when it cannot be read.
std::optional<emvcrypto::Bytes> read_up_to(int file, std::size_t size) {
  emvcrypto::Bytes content(size);
  std::size_t used = 0;
  while (used < size) {
    const ssize_t count = read(file, content.data() + used, size - used);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    used += static_cast<std::size_t>(count);
  }
  content.resize(used);
  return content;
}

}  // namespace

emvcrypto::Expected<std::optional<emvcrypto::Bytes>> read_content_file(const std::string& folder,
                                                                       const std::string& name,
                                                                       std::size_t max) {
  if (name.empty() || name[0] == '.' || name.find_first_of(std::string_view("/\0", 2)) != name.npos)
    return fault("file-name", "a file of the folder is named by its name alone");
  const Descriptor place(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (*place < 0) throw Failure(ExitCode::io, folder + ": the folder cannot be opened");
  // Without O_NONBLOCK a pipe would hold the batch up for ever.
  const Descriptor file(
      openat(*place, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (*file < 0 && errno == ENOENT) return std::nullopt;
  struct stat about {};
  if (*file < 0 || fstat(*file, &about) != 0 || !S_ISREG(about.st_mode))
    return fault("file", "the file cannot be read: it is a link, a device or not ours to open");
  auto content = read_up_to(*file, max + 1);
  if (!content) return fault("file", "the file cannot be read to its end");
  if (content->size() > max)
    return fault("file-size", fmt::format("the file has more than {} bytes", max));
  return content;
}

}  // namespace kpd

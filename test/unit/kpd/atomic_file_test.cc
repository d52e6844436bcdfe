#include "kpd/files/atomic_file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <csignal>

#include "kpd/exit_code.h"
#include "test/unit/support/temp_folder.h"

using kpd::AtomicFile;
using kpd_test::content_of;
using kpd_test::TempFolder;

namespace {

/// What a child process answers: the exit code of the Failure that `action` threw, 0 without one.
template <typename Action>
int in_child(Action action) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      action();
    } catch (const kpd::Failure& failure) {
      _exit(static_cast<int>(failure.code()));
    } catch (...) {
      _exit(1);
    }
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a file appears at commit, whole") {
  const TempFolder folder;
  const auto target = folder.path() / "out.cps";
  {
    AtomicFile file(target);
    file.stream() << "first " << std::string(200'000, 'x');
    file.stream().flush();
    CHECK_FALSE(std::filesystem::exists(target));
    file.stream() << " last";
    file.commit();
    CHECK(std::filesystem::exists(target));
  }
  CHECK(content_of(target) == "first " + std::string(200'000, 'x') + " last");
  CHECK(folder.count() == 1);
}

TEST_CASE("without commit nothing of a file stays") {
  const TempFolder folder;
  { AtomicFile(folder.path() / "out.cps").stream() << "half"; }
  CHECK(folder.count() == 0);
  try {
    AtomicFile file(folder.path() / "out.cps");
    file.stream() << "half" << std::flush;
    throw std::runtime_error("the stage fails");
  } catch (const std::runtime_error&) {
  }
  CHECK(folder.count() == 0);
}

TEST_CASE("an empty file is committed as such") {
  const TempFolder folder;
  AtomicFile file(folder.path() / "out.cps");
  file.commit();
  CHECK(std::filesystem::file_size(folder.path() / "out.cps") == 0);
}

TEST_CASE("a process that is killed leaves no half file") {
  const TempFolder folder;
  const auto target = folder.write("out.cps", "old");
  const int code = in_child([&] {
    AtomicFile file(target);
    file.stream() << std::string(300'000, 'x') << std::flush;
    file.sync();
    _exit(9);  // as a kill: nobody cleans up
  });
  CHECK(code == 9);
  CHECK(content_of(target) == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("a file is its owner's alone") {
  const TempFolder folder;
  const mode_t before = umask(0);
  AtomicFile file(folder.path() / "out.cps");
  file.commit();
  umask(before);
  struct stat info {};
  REQUIRE(stat((folder.path() / "out.cps").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0600U);
}

TEST_CASE("an old file stands untouched until a new one is whole") {
  const TempFolder folder;
  const auto target = folder.write("out.cps", "old");
  {
    AtomicFile file(target);
    file.stream() << "new" << std::flush;
    CHECK(content_of(target) == "old");
  }
  CHECK(content_of(target) == "old");
  AtomicFile file(target);
  file.stream() << "new";
  file.commit();
  CHECK(content_of(target) == "new");
  CHECK(folder.count() == 1);
}

TEST_CASE("a full disk ends in a failure; the old file stays and no half one") {
  const TempFolder folder;
  const auto target = folder.write("out.cps", "old");
  const int code = in_child([&] {
    // As a full disk: no file of this process grows beyond 100,000 bytes.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    AtomicFile file(target);
    file.stream() << std::string(300'000, 'x');
    file.commit();
  });
  CHECK(code == static_cast<int>(kpd::ExitCode::io));
  CHECK(content_of(target) == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("a file that cannot take its name ends in a failure") {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "out.cps");
  {
    AtomicFile file(folder.path() / "out.cps");
    file.stream() << "new";
    CHECK_THROWS_AS(file.commit(), kpd::Failure);
  }
  CHECK(folder.count() == 1);
}

TEST_CASE("a file that is replaced is back unless the change is settled") {
  for (const bool was_there : {true, false})
    for (const bool settled : {true, false}) {
      CAPTURE(was_there, settled);
      const TempFolder folder;
      const auto target = folder.path() / "out.cps";
      if (was_there) folder.write("out.cps", "old");
      {
        AtomicFile file(target);
        file.stream() << "new";
        file.replace();
        CHECK(content_of(target) == "new");
        if (settled) file.settle();
      }
      CHECK(folder.count() == (was_there || settled ? 1 : 0));
      if (folder.count() == 1) CHECK(content_of(target) == (settled ? "new" : "old"));
    }
}

TEST_CASE("a folder that is not there is named") {
  const TempFolder folder;
  CHECK_THROWS_WITH(AtomicFile(folder.path() / "none" / "out.cps"),
                    Catch::Contains("none/out.cps") && Catch::Contains("No such file"));
}

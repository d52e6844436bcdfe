#include "kpd/intake/content_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "kpd/exit_code.h"
#include "test/unit/support/temp_folder.h"

using kpd::read_content_file;
using kpd_test::TempFolder;

namespace {

/// The content's size as text, "none", or the fault's code.
std::string read(const TempFolder& folder, const std::string& name, std::size_t max = 100) {
  const auto content = read_content_file(folder.path() / "photos", name, max);
  if (!content) {
    CHECK_THAT(content.error().reason, !Catch::Contains(folder.path().string()));
    return content.error().code;
  }
  return *content ? std::to_string((*content)->size()) : "none";
}

}  // namespace

TEST_CASE("a record's file is read to its end and no further than allowed") {
  const TempFolder folder;
  std::filesystem::create_directory(folder.path() / "photos");
  folder.write("photos/a.jpg", std::string(100, 'x'));
  folder.write("photos/b.jpg", std::string(101, 'x'));
  folder.write("photos/empty.jpg", "");
  CHECK(read(folder, "a.jpg") == "100");
  CHECK(read(folder, "b.jpg") == "file-size");
  CHECK(read(folder, "b.jpg", 200) == "101");
  CHECK(read(folder, "empty.jpg") == "0");
  CHECK(read(folder, "c.jpg") == "none");
  CHECK(*read_content_file(folder.path() / "photos", "a.jpg", 100).value() ==
        emvcrypto::Bytes(100, 'x'));
}

TEST_CASE("a record reads nothing but plain files of the folder") {
  const TempFolder folder;
  std::filesystem::create_directories(folder.path() / "photos/inner");
  folder.write("secret", "x");
  folder.write("photos/a.jpg", "x");
  folder.write("photos/.hidden", "x");
  std::filesystem::create_symlink("../secret", folder.path() / "photos/link");
  std::filesystem::create_symlink("a.jpg", folder.path() / "photos/near");
  REQUIRE(mkfifo((folder.path() / "photos/pipe").c_str(), 0600) == 0);
  for (const char* name :
       {"../secret", "..", ".", "", "/etc/hostname", "inner/../a.jpg", ".hidden"})
    CHECK(read(folder, name) == "file-name");
  CHECK(read(folder, std::string("a.jpg\0x", 7)) == "file-name");
  for (const char* name : {"link", "near", "pipe", "inner"}) CHECK(read(folder, name) == "file");
}

TEST_CASE("a folder that is not there is no record's fault") {
  const TempFolder folder;
  CHECK_THROWS_AS(read(folder, "a.jpg"), kpd::Failure);
}

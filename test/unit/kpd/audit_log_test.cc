// The audit log: a chain that shows what was changed in it.
#include "kpd/audit/audit_log.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "emvcrypto/hash.h"
#include "kpd/exit_code.h"
#include "test/unit/support/temp_folder.h"

using kpd_test::content_of;
using kpd_test::TempFolder;

namespace {

kpd::AuditLog log_in(const TempFolder& folder) {
  return {folder.path() / "audit.jsonl", {7, "officer", [] { return "2026-11-22T10:00:00Z"; }}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Whether every line has the digest of the one before; lines that are no JSON are passed by.
bool is_chain(const std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto line = nlohmann::json::parse(lines[i], nullptr, false);
    if (line.is_discarded()) continue;
    const std::string expected =
        i == 0 ? std::string(64, '0')
               : emvcrypto::to_hex(emvcrypto::sha256({emvcrypto::as_bytes(lines[i - 1])}));
    if (line.at("previous") != expected) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("each audit entry names who, when and what, and the line before it") {
  const TempFolder folder;
  const auto log = log_in(folder);
  log.append({"key import", "done", "", {{"key", "KEK1"}, {"kcv", "A43D42"}}});
  log.append({"key import", "refused", "another KCV", {{"key", std::string(9000, 'x')}}});
  log.append({"key destroy", "begun", "", {}});
  struct stat status {};
  REQUIRE(stat(log.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  auto lines = lines_of(content_of(log.file()));
  REQUIRE(lines.size() == 3);
  CHECK(is_chain(lines));
  const auto first = nlohmann::json::parse(lines[0]);
  CHECK(first.at("user") == "officer");
  CHECK(first.at("uid") == 7);
  CHECK(first.at("when") == "2026-11-22T10:00:00Z");
  CHECK(first.at("kcv") == "A43D42");
  CHECK_FALSE(first.contains("reason"));
  lines.erase(lines.begin() + 1);
  CHECK_FALSE(is_chain(lines));
}

TEST_CASE("an audit line that a crash cut short stays, and the chain goes on behind it") {
  const TempFolder folder;
  const auto log = log_in(folder);
  log.append({"one", "done", "", {}});
  std::ofstream(log.file(), std::ios::app) << "{\"previous\":\"cut";
  log.append({"two", "done", "", {}});
  log.append({"three", "done", "", {}});
  const auto lines = lines_of(content_of(log.file()));
  REQUIRE(lines.size() == 4);
  CHECK(is_chain(lines));
}

TEST_CASE("processes that write to one audit log at once make one chain") {
  const TempFolder folder;
  const auto log = log_in(folder);
  constexpr int kProcesses = 4, kEntries = 20;
  for (int process = 0; process < kProcesses; ++process) {
    if (fork() != 0) continue;
    for (int i = 0; i < kEntries; ++i) log.append({"entry", "done", "", {}});
    _exit(0);
  }
  for (int process = 0; process < kProcesses; ++process) wait(nullptr);
  const auto lines = lines_of(content_of(log.file()));
  CHECK(lines.size() == kProcesses * kEntries);
  CHECK(is_chain(lines));
}

TEST_CASE("an audit log that cannot be written is an input/output failure") {
  const TempFolder folder;
  const kpd::AuditLog log(folder.path() / "none" / "audit.jsonl", {0, "", [] { return ""; }});
  CHECK_THROWS_AS(log.append({"one", "done", "", {}}), kpd::Failure);
}

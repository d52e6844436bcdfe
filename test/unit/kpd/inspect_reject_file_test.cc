#include "kpd/inspect/inspect_reject_file.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "kpd/exit_code.h"
#include "kpd/inspect/file_kind.h"

using namespace kpd::inspect;

namespace {

const std::string kFile =
    R"({"ordinal":19,"line":21,"record":"00000020","field":"expiry","fault":"month","reason":"there is no month 13","stage":"ingest"})"
    "\n"
    R"({"ordinal":29,"line":31,"record":"00000030","field":"pan","fault":"luhn","reason":"the check digit is wrong","stage":"ingest"})"
    "\n"
    R"({"ordinal":30,"line":32,"record":"00000031","field":"","fault":"luhn","reason":"9999990000000014 is wrong","stage":"prepare"})"
    "\n";

std::string table(const std::string& file, const Wish& wish = {}) {
  std::istringstream in(file);
  std::ostringstream out;
  inspect_reject_table(in, wish, out, {});
  return out.str();
}

}  // namespace

TEST_CASE("inspect: a reject file is a table with a count of each fault") {
  CHECK(table(kFile) ==
        "line  record    stage    field   fault  reason\n"
        "21    00000020  ingest   expiry  month  there is no month 13\n"
        "31    00000030  ingest   pan     luhn   the check digit is wrong\n"
        "32    00000031  prepare  -       luhn   999999******0014 is wrong\n"
        "\n"
        "2  luhn\n"
        "1  month\n");
  CHECK(table("") == "No rejects\n");
}

TEST_CASE("inspect: a reject file can be shown in part") {
  Wish wish;
  wish.limit = 1;
  CHECK_THAT(table(kFile, wish),
             Catch::Contains("\n2 more  --all") && !Catch::Contains("00000030"));
  wish.limit.reset();
  wish.record = "00000030";
  CHECK_THAT(table(kFile, wish), Catch::Contains("00000030") && !Catch::Contains("00000020"));
  wish.record = "nobody";
  CHECK_THROWS_WITH(table(kFile, wish), "no record 'nobody' in this file of 3");
}

TEST_CASE("inspect: a reject file as JSON") {
  std::istringstream in(kFile);
  std::ostringstream out;
  inspect_reject_tree(in, {}, *make_json_writer(out));
  const auto tree = nlohmann::json::parse(out.str());
  CHECK(tree["kind"] == "reject-file");
  CHECK(tree["children"].size() == 4);
  CHECK(tree["children"][0]["id"] == "00000020");
  CHECK(tree["children"][0]["children"][0]["value"] == "21");
}

TEST_CASE("inspect: a reject file that is damaged is refused with the line") {
  CHECK_THROWS_WITH(table(kFile + "{\"ordinal\":1"),
                    "line 4 is not a reject: its 'line' is missing");
  CHECK_THROWS_WITH(table(kFile + "{}\n"), "line 4 is not a reject: its 'line' is missing");
  CHECK_THROWS_AS(table(std::string(1 << 17, 'x')), kpd::Failure);
}

TEST_CASE("inspect: files are known by their first bytes") {
  const auto kind = [](const std::string& bytes, const char* name) {
    std::istringstream in(bytes);
    return file_kind(in, name);
  };
  CHECK(kind("$HDR0000002{}", "a.yaml") == FileKind::card_file);
  CHECK(kind("KPDS\x01", "x") == FileKind::stage_file);
  CHECK(kind(kFile, "x") == FileKind::reject_file);
  CHECK(kind("", "batch.rejects.jsonl") == FileKind::reject_file);
  CHECK(kind("", "x") == FileKind::unknown);
  CHECK(kind("kind: job\n", "job.yaml") == FileKind::yaml);
  CHECK(kind("kind: job\n", "job.txt") == FileKind::unknown);
}

TEST_CASE("inspect: of a file that people write it names the kind and the command") {
  const auto line = [](const std::string& text) {
    std::istringstream in(text);
    return describe_yaml(in, "a.yaml");
  };
  CHECK(line("# first\nkind: job\nname: x\n") == "a.yaml: a job; see  kpd run a.yaml");
  CHECK(line("kind: \"area\"  # here\r\n") ==
        "a.yaml: a work area, made by kpd init; see  kpd run JOB, with the jobs beside it");
  CHECK(line("kind: poem\n") == "a.yaml: YAML without a kind that kpd knows; see  kpd --help");
  CHECK(line("kind:\n") == line(""));
}

#include "kpd/stages/own_files.h"

#include <catch2/catch.hpp>

#include "kpd/exit_code.h"
#include "test/unit/support/temp_folder.h"

using kpd_test::TempFolder;

namespace {

kpd::ExitCode refused(const kpd::Plan& plan, const std::vector<std::filesystem::path>& outputs) {
  try {
    kpd::require_own_files(plan, outputs);
  } catch (const kpd::Failure& failure) {
    return failure.code();
  }
  return kpd::ExitCode::done;
}

}  // namespace

TEST_CASE("a batch replaces nothing that it is made of, by whatever name") {
  const TempFolder folder;
  for (const char* name : {"job.yaml", "cards.csv", "more.db", "x.cps", "data.yaml"})
    folder.write(name, "content");
  const auto at = [&](const char* name) { return (folder.path() / name).string(); };
  std::filesystem::create_directories(folder.path() / "templates" / "cards");
  folder.write("templates/cards/own.yaml", "content");
  std::filesystem::create_symlink(at("cards.csv"), at("link.cps"));
  std::filesystem::create_hard_link(at("job.yaml"), at("hard.cps"));
  kpd::Plan plan;
  plan.files = {at("job.yaml"), at("functions.lua")};
  folder.write("functions.lua", "content");
  folder.write("photos/1.jpg", "content");
  plan.fields.push_back({"photo", kpd::FieldType::file});
  plan.fields.back().folder = at("photos");
  plan.templates = at("templates");
  plan.intake.cards.file = at("cards.csv");
  plan.intake.joins.emplace_back();
  plan.intake.joins[0].source.format = kpd::SourcePlan::Format::sql;
  plan.intake.joins[0].source.connect = "sqlite3://" + at("more.db");

  for (const char* free : {"x.cps", "new.cps", "data.yaml", "templates/cards/new.cps"})
    CHECK(refused(plan, {at(free)}) == kpd::ExitCode::done);
  for (const char* taken :
       {"job.yaml", "templates/../job.yaml", "hard.cps", "cards.csv", "link.cps", "more.db",
        "more.db-wal", "more.db-shm", "more.db-journal", "functions.lua",
        "templates/cards/own.yaml", "photos/1.jpg", "photos/../photos/new.cps"}) {
    CAPTURE(taken);
    CHECK(refused(plan, {at("new.cps"), at(taken)}) == kpd::ExitCode::usage);
  }
  CHECK(refused(plan, {at("new.cps"), at("templates/../new.cps")}) == kpd::ExitCode::usage);
  CHECK(refused(plan, {at("templates")}) == kpd::ExitCode::io);
}

TEST_CASE("a run that was cut off between mailers and card file is told before the next one") {
  const TempFolder folder;
  kpd::Plan plan;
  plan.intake.cards.file = (folder.path() / "cards.csv").string();
  plan.mailer.emplace().file = (folder.path() / "pins.jsonl").string();
  const auto card_file = folder.path() / "batch.cps";
  CHECK(refused(plan, kpd::batch_files(plan, card_file)) == kpd::ExitCode::done);
  folder.write(".pins.jsonl.before", "{}");
  CHECK(refused(plan, kpd::batch_files(plan, card_file)) == kpd::ExitCode::hold);
}

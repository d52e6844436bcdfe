// PIN mailers and cards belong together whatever ends a run.
#include <catch2/catch.hpp>

#include "kpd/exit_code.h"
#include "kpd/files/atomic_file.h"
#include "kpd/stages/pipeline.h"
#include "test/unit/support/starter_area.h"

using kpd_test::content_of;

TEST_CASE("when the card file cannot take its name the mailers are those of the cards before") {
  const kpd_test::StarterArea area;
  const kpd_test::Edit edit(area.folder() / "job.yaml", "keys:\n  KEK1:",
                            "pin_mailer: {file: out/pins.jsonl, key: MAILER}\n"
                            "keys:\n  MAILER: \"pkcs11:object=MAILER\"\n  KEK1:");
  const kpd::Plan plan = area.compile();
  const auto out = area.folder() / "out";
  const auto cards = out / "batch.cps";
  kpd::NullJournal journal;
  const auto run = [&](const std::function<void(const kpd::Books&)>& progress) {
    kpd::HostWindows windows(plan.windows);
    kpd::run_batch({plan, area.token(), windows, journal, progress, {}}, cards);
  };
  run({});
  const std::string mailers = content_of(out / "pins.jsonl");
  CHECK(mailers.find("pin_block") != std::string::npos);
  const std::string first = content_of(cards);
  const auto taken = out / "taken";
  CHECK_THROWS_AS(run([&](const kpd::Books&) {
                    if (std::filesystem::is_directory(cards)) return;
                    std::filesystem::rename(cards, taken);
                    std::filesystem::create_directory(cards);
                  }),
                  kpd::Failure);
  CHECK(content_of(out / "pins.jsonl") == mailers);
  CHECK(content_of(taken) == first);
  CHECK_FALSE(std::filesystem::exists(kpd::AtomicFile::kept_name(out / "pins.jsonl")));

  std::filesystem::remove(cards);
  run({});
  CHECK(content_of(out / "pins.jsonl") != mailers);  // of this run, by its number
  CHECK_FALSE(std::filesystem::exists(kpd::AtomicFile::kept_name(out / "pins.jsonl")));
}

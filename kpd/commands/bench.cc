// kpd bench: what a batch costs beyond the device.
#include "kpd/bench/bench.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>

#include "emvcrypto/botan_primitives.h"
#include "kpd/area/test_area.h"
#include "kpd/bench/bench_records.h"
#include "kpd/commands/batch_report.h"
#include "kpd/commands/bench_report.h"
#include "kpd/commands/stop_signal.h"
#include "kpd/files/resources.h"
#include "kpd/keys/storage_key.h"
#include "kpd/parallel/workers.h"
#include "kpd/plan/compile.h"
#include "kpd/pool/fill_pool.h"
#include "kpd/pool/icc_key_sources.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

constexpr std::array kKinds{"sda", "dda-factory", "dda-pool", "dda-hsm"};

struct Options {
  std::string job, device, folder;
  std::vector<std::string> kinds;
  unsigned workers = 0;
  BenchOptions bench;
};

/// What --factory takes.
std::map<std::string, emvcrypto::FactoryPath> factory_paths() {
  std::map<std::string, emvcrypto::FactoryPath> paths{
      {"automatic", emvcrypto::FactoryPath::automatic}};
  for (const auto& [path, name] : emvcrypto::kFactoryPaths)
    if (emvcrypto::factory_has(path)) paths[name] = path;
  return paths;
}

/// The PIN of tokens that live as long as the benchmark.
class MadePin : public hsm::PinSource {
 public:
  hsm::Secret pin(const std::string&) override { return pin_.duplicate(); }

 private:
  static constexpr std::size_t kDigits = 8;
  hsm::Secret pin_ = [] {
    hsm::Secret pin(kDigits);
    emvcrypto::botan::random(pin.expose_mutable());
    for (std::uint8_t& digit : pin.expose_mutable())
      digit = static_cast<std::uint8_t>('0' + digit % 10);
    return pin;
  }();
};

/// A folder that goes with this object, unless somebody named it.
class WorkFolder {
 public:
  explicit WorkFolder(const std::string& named) : keep_(!named.empty()), path_(named) {
    if (keep_) return;
    std::string pattern = (fs::temp_directory_path() / "kpd-bench-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
      throw Failure(ExitCode::io, pattern + ": the folder of the benchmark cannot be made");
    path_ = pattern;
  }
  ~WorkFolder() {
    std::error_code ignored;
    if (!keep_) fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  bool keep_;
  fs::path path_;
};

/// Brings the pool to a level, as the job's cards need it.
std::function<void(std::uint64_t)> pool_filler(const BenchJob& job, unsigned workers,
                                               emvcrypto::FactoryPath path) {
  return [&job, workers, path](std::uint64_t level) {
    KeyPool pool(job.pool);
    const auto source = make_factory_keys(job.token, path);
    ProgressLine line("filling the pool: RSA pairs");
    fill_pool(pool, missing_pairs(job.plan, pool, level),
              {*source, "factory", job.token, storage_key(job.plan, *job.token), job.plan.date,
               workers, [] { return false; }, [&](std::size_t made) { line.show(made, level); }});
  };
}

/// An area of the benchmark's own, with test keys.
class BenchArea {
 public:
  BenchArea(const fs::path& folder, const std::string& device)
      : area_((make(folder, device), Area::read(folder / "area.yaml"))),
        token_(area_.open(kPreparation, pins_)),
        back_office_(area_.open(kBackOffice, pins_)) {
    CompiledJob compiled = examine_job(folder / "job.yaml", token_.get());
    compiled.mistakes.throw_if_any();
    plan_ = std::move(compiled.plan);
  }

  /// One of kKinds. The job must outlive nothing but this.
  void set_up(BenchJob& job, const std::string& kind, unsigned workers,
              emvcrypto::FactoryPath path) {
    const std::string product = kind == "sda" ? "SDA" : "DDA";
    job.kind = kind;
    job.plan = plan_;
    job.plan.icc_keys.source = kind == "dda-hsm"    ? IccKeySource::hsm
                               : kind == "dda-pool" ? IccKeySource::pool
                                                    : IccKeySource::factory;
    job.plan.intake.cards.file = (area_.folder() / "data" / (product + ".csv")).string();
    job.token = token_;
    job.module = area_.module();
    job.card_file = area_.folder() / "out" / (kind + ".cps");
    job.pool = pool_folder(area_.folder());
    fs::create_directories(job.card_file.parent_path());
    job.make_records = [this, &job, product](std::uint64_t count) {
      write_bench_records(job.plan.intake.cards.file, product, count, *back_office_,
                          back_office_->find("KEK1"));
    };
    job.fill_pool = pool_filler(job, workers, path);
  }

  const DeviceProfile& device() const { return area_.device(); }

 private:
  void make(const fs::path& folder, const std::string& device) {
    const fs::path from = resource_folder();
    make_test_area(folder, from / "examples/starter/area-plan.yaml", pins_, device);
    fs::copy(from / "templates", folder / "templates", fs::copy_options::recursive);
    fs::copy(from / "examples/bench/job.yaml", folder / "job.yaml");
  }

  MadePin pins_;
  Area area_;
  std::shared_ptr<hsm::Token> token_, back_office_;
  Plan plan_;
};

std::vector<BenchResult> bench_own_area(const Options& options, const WorkFolder& folder) {
  BenchArea area(folder.path() / "area", options.device);
  BenchOptions bench = options.bench;
  const unsigned usual = area.device().workers > 0 ? area.device().workers : usual_workers();
  bench.workers = options.workers > 0 ? options.workers : usual;
  std::vector<BenchResult> results;
  for (const std::string& kind : options.kinds) {
    BenchJob job;
    area.set_up(job, kind, bench.workers, bench.path);
    results.push_back(run_bench(job, bench));
  }
  return results;
}

/// A job of the user's own, with its own records; nothing of it is changed.
std::vector<BenchResult> bench_job(const Options& options, const WorkFolder& folder,
                                   const Invocation& invocation) {
  OpenJob open = open_job(options.job, invocation);
  if (!open.plan.test)
    throw Failure(ExitCode::hold, options.job +
                                      ": a benchmark makes cards for nobody: run it on a "
                                      "test job in a test area");
  BenchOptions bench = options.bench;
  bench.workers = workers_of(open, options.workers);
  BenchJob job{open.plan.job,
               open.plan,
               open.token,
               open.area.module(),
               folder.path() / "batch.cps",
               folder.path() / "pool",
               {},
               {}};
  job.plan.mailer.reset();  // the job's own mailers stay as they are
  job.fill_pool = pool_filler(job, bench.workers, bench.path);
  return {run_bench(job, bench)};
}

}  // namespace

void add_bench(CLI::App& app, Invocation& invocation) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "bench", "Measure batches against the same device calls without our code, in one run");
  CLI::Option* job = command->add_option(
      "JOB", options->job,
      "Test job whose own records are prepared (default: jobs of the bench's own)");
  command->add_option("--kind", options->kinds, "What to measure: sda dda-factory dda-pool dda-hsm")
      ->check(CLI::IsMember(std::vector<std::string>(kKinds.begin(), kKinds.end())))
      ->excludes(job);
  add_workers_option(*command, options->workers);
  command->add_option("--rounds", options->bench.rounds, "Turns of floor and whole run")
      ->check(CLI::Range(1U, 1000U))
      ->capture_default_str();
  command->add_option("--seconds", options->bench.seconds, "Of each turn of a floor")
      ->check(CLI::Range(0.05, 3600.0))
      ->capture_default_str();
  command
      ->add_option("--memory", options->bench.memory,
                   "Measure memory and time of runs of so many cards, too")
      ->excludes(job);
  command
      ->add_option("--factory", options->bench.path,
                   "The key factory's path: automatic, ifma, avx2, portable")
      ->transform(CLI::Transformer(factory_paths()));
  command->add_option("--device", options->device, "Device profile of the bench's own area")
      ->excludes(job);
  command
      ->add_option("--folder", options->folder,
                   "Work there and leave it (default: a temporary one)")
      ->excludes(job);
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "Without JOB it makes an area with test keys, and asks for no PIN.\n"
      "Example:  kpd bench --kind sda --rounds 5\n          kpd bench --memory 10000 100000");
  command->callback([options, &invocation] {
    invocation.action = [options, &invocation] {
      if (options->kinds.empty()) options->kinds = {"sda", "dda-factory", "dda-pool"};
      const WorkFolder folder(options->folder);
      const StopSignal stop;
      options->bench.stopped = StopSignal::came;
      ProgressLine line("measuring");
      options->bench.say = [&](const std::string& what) { line.show(what); };
      report_bench(options->job.empty() ? bench_own_area(*options, folder)
                                        : bench_job(*options, folder, invocation),
                   options->bench.path, invocation.json);
      return ExitCode::done;
    };
  });
}

}  // namespace kpd

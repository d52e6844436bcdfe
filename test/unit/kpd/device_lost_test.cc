#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "kpd/area/area.h"
#include "kpd/stages/pipeline.h"
#include "test/unit/support/starter_area.h"

namespace {

constexpr unsigned long kDeviceRemoved = 0x32;  // CKR_DEVICE_REMOVED

/// Takes the device away after so many calls, for as long as it lives.
class DeviceGoes {
 public:
  DeviceGoes(const std::filesystem::path& area, unsigned after)
      : module_(kpd::Area::read(area / "area.yaml").module()) {
    module_->set_tap([this, after](std::string_view) -> unsigned long {
      return ++calls_ > after ? kDeviceRemoved : 0;
    });
  }
  ~DeviceGoes() { module_->set_tap({}); }
  DeviceGoes(const DeviceGoes&) = delete;
  DeviceGoes& operator=(const DeviceGoes&) = delete;

 private:
  std::shared_ptr<hsm::Module> module_;
  std::atomic<unsigned> calls_ = 0;
};

}  // namespace

TEST_CASE("a device that vanishes in mid-batch ends the run with the old output in place") {
  for (const unsigned calls : {0U, 3U, 20U, 60U}) {
    const kpd_test::StarterArea area;
    const kpd::Plan plan = area.compile();
    const auto file = area.folder() / "out/batch.cps";
    std::ofstream(file) << "the old file";
    kpd::HostWindows windows(plan.windows);
    kpd::NullJournal journal;
    const kpd::StageContext context{plan, area.token(), windows, journal, {}, {}};
    CAPTURE(calls);
    {
      const DeviceGoes gone(area.folder(), calls);
      try {
        kpd::run_batch(context, file);
        FAIL("the run went on without its device");
      } catch (const hsm::Error& error) {
        CHECK(error.device_lost());
        CHECK(std::string(error.what()).find("CKR_DEVICE_REMOVED") != std::string::npos);
      }
    }
    std::ostringstream content;
    content << std::ifstream(file).rdbuf();
    CHECK(content.str() == "the old file");
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry :
         std::filesystem::directory_iterator(area.folder() / "out"))
      ++files;
    CHECK(files == 1);  // no reject file, nothing half
  }
}

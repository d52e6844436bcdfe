#include "test/unit/support/starter_area.h"

#include <algorithm>

#include "kpd/area/test_area.h"

namespace kpd_test {
namespace {

namespace fs = std::filesystem;

/// The PIN of every token of the area.
class AreaPin : public hsm::PinSource {
 public:
  hsm::Secret pin(const std::string&) override {
    return hsm::Secret(emvcrypto::as_bytes("4711-area"));
  }
};

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

}  // namespace

StarterArea::StarterArea() : folder_(home_.path() / "area") {
  const fs::path source = KPD_SOURCE_DIR;
  AreaPin pin;
  kpd::make_test_area(folder_, source / "examples/starter/area-plan.yaml", pin);
  fs::copy(source / "templates", folder_ / "templates", fs::copy_options::recursive);
  fs::copy(source / "test/samples/templates", folder_ / "templates",
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  fs::copy(source / "examples/starter/data", folder_ / "data", fs::copy_options::recursive);
  fs::copy(source / "examples/starter/job.yaml", folder_ / "job.yaml");
  area_ = std::make_unique<kpd::Area>(kpd::Area::read(folder_ / "area.yaml"));
  token_ = area_->open(kpd::kPreparation, pin);
}

std::shared_ptr<hsm::Token> StarterArea::open(std::string_view party) const {
  AreaPin pin;
  return area_->open(party, pin);
}

Edit::Edit(fs::path file, const std::string& from, const std::string& to)
    : file_(std::move(file)), before_(content_of(file_)), after_(before_) {
  const std::size_t at = before_.find(from);
  if (from.empty() || at == std::string::npos)
    throw std::logic_error(file_.string() + " does not hold: " + from);
  after_.replace(at, from.size(), to);
  write(file_, after_);
}

Edit::~Edit() {
  write(file_, before_);
}

std::string Edit::place_of(const std::string& marker) const {
  const std::size_t at = after_.find(marker);
  if (at == std::string::npos) throw std::logic_error("no place holds: " + marker);
  const std::string_view before = std::string_view(after_).substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  return std::to_string(line) + ":" + std::to_string(at - start + 1);
}

}  // namespace kpd_test

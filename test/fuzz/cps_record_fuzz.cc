// A CPS record of any bytes: it is refused, or it is exactly what its parts encode to; then its
// STORE DATA commands carry each DGI once. The same bytes as a list of DGIs likewise.
#include <cstdlib>

#include "cps/record.h"
#include "cps/store_data.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_dgis(cps::ByteView bytes) {
  const auto dgis = cps::parse_dgis(bytes);
  if (!dgis) return;
  cps::Bytes again;
  for (const cps::Dgi& dgi : *dgis) cps::append_dgi(again, dgi);
  require(again == cps::Bytes(bytes.begin(), bytes.end()));
}

void check_plan(const cps::Application& application, const cps::CardProfile& profile) {
  const auto plan = cps::plan_store_data(application, profile);
  if (!plan) return;
  std::size_t size = 0, planned = 0;
  for (const cps::Dgi& dgi : application.dgis) {
    cps::Bytes encoded;
    cps::append_dgi(encoded, dgi);
    size += encoded.size();
  }
  for (const cps::StoreDataCommand& command : *plan) {
    require(command.length > 0 && command.length <= profile.max_data);
    planned += command.length;
  }
  require(planned == size);
}

void check_record(cps::ByteView bytes) {
  const cps::RecordLayout layout;
  const auto record = cps::parse_record(bytes, layout);
  if (!record) return;
  require(cps::encode_record(*record, layout) == cps::Bytes(bytes.begin(), bytes.end()));
  for (std::size_t i = 0; i < record->applications.size(); ++i) {
    if (!record->applications[i].mac.empty()) require(!cps::mac_input(*record, i, layout).empty());
    check_plan(record->applications[i], {});
    cps::CardProfile narrow;
    narrow.max_data = 24;
    narrow.one_dgi_per_command = true;
    check_plan(record->applications[i], narrow);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_record({data, size});
  check_dgis({data, size});
  return 0;
}

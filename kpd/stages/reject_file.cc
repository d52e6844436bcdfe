#include "kpd/stages/reject_file.h"

#include <nlohmann/json.hpp>

namespace kpd {

void RejectFile::write(const pb::Reject& reject) {
  nlohmann::ordered_json line{{"ordinal", reject.ordinal()},  {"line", reject.line()},
                              {"record", reject.record_id()}, {"field", reject.field()},
                              {"fault", reject.fault()},      {"reason", reject.reason()},
                              {"stage", reject.stage()}};
  if (!reject.source().empty()) line["source"] = reject.source();
  file_.stream() << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  ++by_fault_[reject.fault()];
}

std::filesystem::path reject_file_of(const std::filesystem::path& card_file) {
  std::filesystem::path file = card_file;
  return file.replace_extension(".rejects.jsonl");
}

}  // namespace kpd

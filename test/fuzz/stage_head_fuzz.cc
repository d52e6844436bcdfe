// Any bytes as the head of a stage file: shown as a tree or refused with a Failure, nothing else.
#include <cstdlib>
#include <sstream>

#include "emvcrypto/bytes.h"
#include "kpd/exit_code.h"
#include "kpd/inspect/stage_head.h"
#include "kpd/stream/stage_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(emvcrypto::as_text({data, size})));
  try {
    const kpd::pb::StreamHeader header = kpd::read_stage_head(in);
    if (kpd::stream_binding(header).size() < 8) std::abort();  // four lengths
    (void)kpd::inspect::decode_stage_head(header);
  } catch (const kpd::Failure&) {
    return 0;
  }
  return 0;
}

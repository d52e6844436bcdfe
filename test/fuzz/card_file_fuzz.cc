// A card file of any bytes: read to its end or refused with a FileError, nothing else. Whatever was
// read can be written again, or is a fault of its card.
#include <cstdlib>
#include <sstream>

#include "cps/card_encoder.h"
#include "cps/card_source.h"

namespace {

void write_again(cps::CardEncoder& encoder, const cps::CardSource& source,
                 std::vector<cps::Module> modules) {
  auto record = cps::chip_record(source.header(), modules);
  if (!record) return;
  std::erase_if(modules, [&](const cps::Module& module) {
    return module.mic == source.header().chip_mic || module.mic == cps::kCrnMic ||
           module.mic == cps::kLayoutMic;
  });
  const auto bytes = encoder.card({std::move(modules), *std::move(record), 0});
  if (bytes && bytes->empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(emvcrypto::as_text({data, size})));
  try {
    const auto source = cps::open_card_file(in);
    const auto encoder = cps::make_card_encoder(source->header());
    if (encoder->header().empty()) std::abort();
    std::uint64_t records = 0;
    while (auto modules = source->next()) {
      ++records;
      write_again(*encoder, *source, *std::move(modules));
    }
    if (source->trailer().records != records) std::abort();
  } catch (const cps::FileError&) {
    return 0;
  }
  return 0;
}

// Any bytes as a key block and as protected answers of a secure channel: what the parser takes is
// written back as it was read, no key comes out of what was not authenticated.
#include <cstdlib>

#include "emvcrypto/key_block_dictionary.h"
#include "emvcrypto/key_block_wrap.h"
#include "emvcrypto/scp03.h"

using namespace emvcrypto;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void key_block(std::string_view text) {
  const auto block = parse_key_block(text);
  if (!block) return;
  const char version = block->header.version;
  const std::size_t body = block->enciphered.size() + block->mac.size();
  require(block->text.size() + 2 * body == text.size());
  (void)check_key_block_header(block->header);

  // Fill and long forms of lengths may differ; what it says may not.
  const Secret kbpk(Bytes(16, 0x5A));
  KeyBlockKeys keys = key_block_keys(version, kbpk);
  require(!unwrap_key_block(*block, keys));
  try {
    const std::string written = key_block_header_text(block->header, body);
    const auto again = parse_key_block(written + std::string(text.substr(block->text.size())));
    require(again && again->header == block->header && again->enciphered == block->enciphered);
  } catch (const std::invalid_argument&) {
    // Fill of its own made it longer, or one block more, than there is room for.
    require(text.size() > 9000 || block->header.blocks.size() == 99);
  }
}

void secure_channel(ByteView input) {
  const auto answer = parse_initialize_update_03(input);
  if (answer) require(secure_channel_protocol(input) == 0x03 && answer->challenge.size() == 8);

  Scp03CardAnswer card;
  card.option = 0x60;
  card.challenge.resize(8);
  Scp03Session host(
      scp03_session_keys({Secret(Bytes(16, 1)), Secret(Bytes(16, 2)), Secret(Bytes(16, 3))},
                         Bytes(16)),
      card, Bytes(8));
  host.external_authenticate(0x33);
  require(input.empty() || !host.unwrap(input, 0x9000));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  key_block(as_text(input));
  secure_channel(input);
  return 0;
}

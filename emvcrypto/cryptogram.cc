#include "emvcrypto/cryptogram.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/tags.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;

void require(bool fits, const char* what) {
  if (!fits) throw std::invalid_argument(what);
}

/// R with F0, then R with 0F in its third byte (EMV 4.4 Book 2, A1.3.1).
Bytes twice_marked(ByteView r) {
  Bytes input = concat({r, r});
  input[2] = 0xF0;
  input[kBlock + 2] = 0x0F;
  return input;
}

ByteView part_of(ByteView iad, const IadPart& part) {
  if (part.length == 0) return {};
  require(part.from <= iad.size(), "9F10 is shorter than its cryptogram version says");
  const std::size_t rest = iad.size() - part.from;
  const std::size_t length = part.length == IadPart::kToEnd ? rest : part.length;
  require(length <= rest, "9F10 is shorter than its cryptogram version says");
  return iad.subspan(part.from, length);
}

}  // namespace

std::size_t terminal_data_size(const CryptogramVersion& version) {
  std::size_t size = 0;
  for (Tag tag : version.terminal_data) {
    const TagInfo* info = find_tag_info(tag);
    require(info != nullptr, "a cryptogram version names a tag that the dictionary does not know");
    size += info->max_length;
  }
  return size;
}

Bytes cryptogram_input(const CryptogramVersion& version, ByteView terminal_data, ByteView aip,
                       ByteView atc, ByteView iad) {
  require(terminal_data.size() == terminal_data_size(version),
          "the terminal's data are not as long as the cryptogram version says");
  require(aip.size() == 2 && atc.size() == 2, "AIP and ATC have 2 bytes");
  return concat({terminal_data, version.with_aip ? aip : ByteView{}, atc, part_of(iad, version.iad),
                 part_of(iad, version.iad_counters)});
}

Bytes session_key_input(SessionKeyRule rule, ByteView atc, ByteView unpredictable) {
  if (rule == SessionKeyRule::none) return {};
  require(atc.size() == 2, "an ATC has 2 bytes");
  if (rule == SessionKeyRule::common) return twice_marked(concat({atc, Bytes(6)}));
  require(unpredictable.size() == 4, "an unpredictable number has 4 bytes");
  return twice_marked(concat({atc, Bytes(2), unpredictable}));
}

Bytes script_key_input(ByteView application_cryptogram) {
  require(application_cryptogram.size() == kBlock, "an application cryptogram has 8 bytes");
  return twice_marked(application_cryptogram);
}

Secret derive_session_key(const Secret& master_key, ByteView input) {
  require(master_key.size() == 16, "a card's master key has 16 bytes");
  if (input.empty()) return master_key.duplicate();
  require(input.size() == 16, "a session key comes from 16 bytes");
  Secret key(input);
  make_des(master_key.expose())->encrypt(key.expose_mutable());
  set_odd_parity(key.expose_mutable());
  return key;
}

Bytes application_cryptogram(const RetailMacKey& key, ByteView data, MacPadding padding) {
  return retail_mac(key,
                    padding == MacPadding::zeros ? pad_00(data, kBlock) : pad_80(data, kBlock));
}

Bytes arpc_method_1(BlockCipher& key, ByteView arqc, ByteView arc) {
  require(arqc.size() == kBlock && arc.size() == 2, "ARQC and ARC have 8 and 2 bytes");
  Bytes arpc = exclusive_or(arqc, concat({arc, Bytes(6)}));
  key.encrypt(arpc);
  return arpc;
}

Bytes arpc_method_2(const RetailMacKey& key, ByteView arqc, ByteView csu, ByteView proprietary) {
  require(arqc.size() == kBlock && csu.size() == 4 && proprietary.size() <= 8,
          "ARQC, CSU and proprietary data have 8, 4 and at most 8 bytes");
  Bytes arpc = retail_mac(key, pad_80(concat({arqc, csu, proprietary}), kBlock));
  arpc.resize(4);
  return arpc;
}

}  // namespace emvcrypto

// Key blocks of X9.143 (before it TR-31).
#include <fmt/format.h>

#include "emvcrypto/aead.h"
#include "emvcrypto/key_block_dictionary.h"
#include "emvcrypto/key_block_wrap.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

using emvcrypto::KeyBlockCode;
using emvcrypto::KeyBlockHeader;

constexpr Parameter kBlock = text("block", "Key block").sized(16, 9999).bare();
constexpr Parameter kKbpk =
    key("kbpk", "Key block protection key: 3DES for versions A to C, AES for D").sized(16, 32, 8);

std::string name_of(std::span<const KeyBlockCode> codes, std::string_view code) {
  const auto found = std::ranges::find(codes, code, &KeyBlockCode::code);
  return found == codes.end() ? std::string("unknown") : std::string(found->name);
}

void show_code(std::string_view name, std::string_view code, const std::string& meaning,
               Result& result) {
  Result group = result.group(name);
  group.text("code", code);
  group.text("meaning", meaning);
}

void show_header(const emvcrypto::KeyBlock& block, Result& result) {
  const KeyBlockHeader& header = block.header;
  const auto* usage_row = emvcrypto::find_key_block_usage(header.usage);
  const std::string version(1, header.version);
  const std::string algorithm(1, header.algorithm);
  const std::string mode(1, header.mode);
  const std::string exportability(1, header.exportability);
  result.text("version", version);
  show_code("usage", header.usage,
            usage_row == nullptr ? std::string("unknown") : std::string(usage_row->name), result);
  show_code("algorithm", algorithm, name_of(emvcrypto::key_block_algorithms(), algorithm), result);
  show_code("mode", mode, name_of(emvcrypto::key_block_modes(), mode), result);
  result.text("key_version", header.key_version);
  show_code("exportability", exportability,
            name_of(emvcrypto::key_block_exportabilities(), exportability), result);
  Result list = result.list("optional_blocks");
  for (const emvcrypto::OptionalBlock& optional : header.blocks) {
    Result row = list.group("");
    row.text("id", optional.id);
    row.text("meaning", name_of(emvcrypto::key_block_option_names(), optional.id));
    row.free_text("data", optional.data);
  }
  result.number("enciphered_bytes", block.enciphered.size());
  result.hex("mac", block.mac);
  const auto sound = emvcrypto::check_key_block_header(header);
  result.truth("header_is_consistent", sound.has_value());
  if (!sound) result.text("contradiction", sound.error().reason);
}

constexpr std::array kShowParameters{kBlock};

Done show(const Arguments& arguments, Result& result) {
  const auto block = emvcrypto::parse_key_block(arguments.text("block"));
  if (!block) return tl::unexpected(block.error());
  show_header(*block, result);
  return {};
}

/// The key inside; one of no symmetric algorithm has no check value.
void show_key(const KeyBlockHeader& header, const Secret& key, Result& result) {
  result.number("key_bits", 8 * key.size());
  if (header.algorithm == 'T' || header.algorithm == 'D')
    result.key("key", key, KeyType::des);
  else if (header.algorithm == 'A')
    result.key("key", key, KeyType::aes);
  else
    result.secret("key", key, true);
}

constexpr std::array kUnwrapParameters{kBlock, kKbpk};

Done unwrap(const Arguments& arguments, Result& result) {
  const auto block = emvcrypto::parse_key_block(arguments.text("block"));
  if (!block) return tl::unexpected(block.error());
  show_header(*block, result);
  auto keys = emvcrypto::key_block_keys(block->header.version, arguments.secret("kbpk"));
  const auto key = emvcrypto::unwrap_key_block(*block, keys);
  if (!key) return tl::unexpected(key.error());
  show_key(block->header, *key, result);
  return {};
}

constexpr std::array kWrapParameters{
    kKbpk,
    key("key", "Key to wrap").sized(1, 256),
    choice("version", "A B C D", "Version of the block").or_else("D"),
    text("usage", "Key usage, two characters").sized(2),
    text("algorithm", "Algorithm of the key: T, A, D, H ...").sized(1),
    text("mode", "Mode of use").sized(1),
    text("exportability", "E, N or S").sized(1).or_else("N"),
    text("key-version", "Version of the key, two characters").sized(2).or_else("00"),
    text("optional", "Optional block ID=DATA; may be repeated").sized(3, 9000).several().optional(),
    truth("hide-length", "Pad the key to the longest of its algorithm"),
    hex("random", "Fill (default: drawn)").sized(0, 64).optional()};

Done wrap(const Arguments& arguments, Result& result) {
  KeyBlockHeader header;
  header.version = arguments.text("version")[0];
  header.usage = arguments.text("usage");
  header.algorithm = arguments.text("algorithm")[0];
  header.mode = arguments.text("mode")[0];
  header.exportability = arguments.text("exportability")[0];
  header.key_version = arguments.text("key-version");
  for (const std::string& block : arguments.texts("optional")) {
    if (block[2] != '=') return usage("optional: ID=DATA wanted");
    header.blocks.push_back({block.substr(0, 2), block.substr(3)});
  }
  if (const auto sound = emvcrypto::check_key_block_header(header); !sound)
    return usage(sound.error().reason);
  const Secret& key = arguments.secret("key");
  const std::size_t shown = arguments.truth("hide-length")
                                ? emvcrypto::hidden_key_size(header.algorithm, key.size())
                                : key.size();
  const std::size_t fill = emvcrypto::key_block_fill_size(header.version, key.size(), shown);
  const Bytes random = arguments.random("random", fill);
  auto keys = emvcrypto::key_block_keys(header.version, arguments.secret("kbpk"));
  const std::string block = emvcrypto::wrap_key_block(header, key, keys, shown, random);
  result.number("key_bits", 8 * key.size());
  result.text("block", block);
  return {};
}

}  // namespace

constinit const Function kTr31Show{
    "tr31 show", "Header of a key block (TR-31, X9.143)", kShowParameters,
    "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7"
    "425509593D03A457DC34",
    show};
constinit const Function kTr31Unwrap{
    "tr31 unwrap", "Key of a key block", kUnwrapParameters,
    "--kbpk 88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6 "
    "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7"
    "425509593D03A457DC34 --clear-test-keys",
    unwrap};
constinit const Function kTr31Wrap{
    "tr31 wrap", "Key as a key block", kWrapParameters,
    "--kbpk 88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6 "
    "--key 3F419E1CB7079442AA37474C2EFBF8B8 --usage P0 --algorithm A --mode E --exportability E "
    "--random 1C2965473CE206BB855B01533782 --clear-test-keys",
    wrap};

}  // namespace kpd::calc

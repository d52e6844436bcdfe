#include "emvcrypto/key_block.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace emvcrypto {
namespace {

constexpr std::size_t kFixedHeader = 16;
constexpr std::size_t kLengthDigits = 4;
constexpr std::size_t kLongest = 9999;
constexpr std::size_t kBlockHeader = 4;      // identifier and a length of two digits
constexpr std::size_t kExtendedHeader = 10;  // identifier, 00, 02 and a length of four digits
constexpr std::size_t kLongestShortBlock = 0xFF;
constexpr std::size_t kMostBlocks = 99;
constexpr std::string_view kPadding = "PB";

bool is_printable(char c) {
  return c >= 0x20 && c <= 0x7E;
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool all_of_name(std::string_view text) {
  return std::ranges::all_of(text, is_letter_or_digit);
}

/// The number that all of `text` is; nothing when it is none.
std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string digits(std::size_t value, std::size_t width, unsigned base) {
  std::string text(width, '0');
  for (auto at = text.rbegin(); at != text.rend(); ++at, value /= base)
    *at = "0123456789ABCDEF"[value % base];
  return text;
}

bool is_version(char version) {
  return version >= 'A' && version <= 'D';
}

tl::unexpected<Fault> wrong_header(std::string what) {
  return fault("key-block-header", std::move(what));
}

/// One optional block off the front of `rest`.
Expected<OptionalBlock> take_block(std::string_view& rest) {
  const auto wrong = [] { return wrong_header("an optional block's length is wrong"); };
  if (rest.size() < kBlockHeader) return wrong();
  OptionalBlock block{std::string(rest.substr(0, 2)), {}};
  if (!all_of_name(block.id)) return wrong_header("an optional block has no name");
  std::size_t start = kBlockHeader;
  auto length = number(rest.substr(2, 2), 16);
  if (length == 0U) {
    if (rest.size() < kExtendedHeader || rest.substr(4, 2) != "02") return wrong();
    length = number(rest.substr(6, 4), 16);
    start = kExtendedHeader;
  }
  if (!length || *length < start || *length > rest.size()) return wrong();
  block.data = rest.substr(start, *length - start);
  rest.remove_prefix(*length);
  return block;
}

/// All optional blocks off the front of `rest`, without the padding.
Expected<std::vector<OptionalBlock>> take_blocks(std::string_view& rest, std::size_t count,
                                                 char version) {
  const std::size_t before = rest.size();
  std::vector<OptionalBlock> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    auto block = take_block(rest);
    if (!block) return tl::unexpected(block.error());
    if (block->id != kPadding)
      blocks.push_back(*std::move(block));
    else if (i + 1 != count)
      return wrong_header("the padding block is not the last optional block");
  }
  if ((before - rest.size()) % key_block_cipher_block(version) != 0)
    return wrong_header("the optional blocks together are no whole number of cipher blocks");
  return blocks;
}

std::string block_text(const OptionalBlock& block) {
  if (block.id.size() != 2 || !all_of_name(block.id) || block.id == kPadding ||
      !std::ranges::all_of(block.data, is_printable))
    throw std::invalid_argument(
        "an optional block has a name of two characters and printable data");
  const std::size_t size = kBlockHeader + block.data.size();
  if (size <= kLongestShortBlock) return block.id + digits(size, 2, 16) + block.data;
  if (block.data.size() > kLongest) throw std::invalid_argument("an optional block is too long");
  return block.id + "0002" + digits(kExtendedHeader + block.data.size(), 4, 16) + block.data;
}

/// What fills the optional blocks up to whole cipher blocks; empty when they are.
std::string padding_block(std::size_t size, char version) {
  const std::size_t whole = key_block_cipher_block(version);
  std::size_t missing = (whole - size % whole) % whole;
  if (missing == 0) return {};
  if (missing < kBlockHeader) missing += whole;
  return std::string(kPadding) + digits(missing, 2, 16) + std::string(missing - kBlockHeader, '0');
}

}  // namespace

std::size_t key_block_cipher_block(char version) {
  if (!is_version(version)) throw std::invalid_argument("key block versions are A to D");
  return version == 'D' ? 16 : 8;
}

std::size_t key_block_mac_size(char version) {
  return version == 'A' || version == 'C' ? 4 : key_block_cipher_block(version);
}

Expected<KeyBlock> parse_key_block(std::string_view text) {
  if (text.size() < kFixedHeader)
    return fault("key-block-length", "a key block has at least 16 characters");
  if (!std::ranges::all_of(text, is_printable))
    return wrong_header("a key block holds a character that cannot be printed");
  KeyBlock block;
  KeyBlockHeader& header = block.header;
  header.version = text[0];
  if (!is_version(header.version))
    return fault("key-block-version",
                 std::string("key block version ") + header.version + " is none of A, B, C and D");
  if (number(text.substr(1, kLengthDigits), 10) != text.size())
    return fault("key-block-length", "the key block's length is not what its header says");
  if (!all_of_name(text.substr(0, kFixedHeader)))
    return wrong_header("a key block's header has letters and digits only");
  header.usage = text.substr(5, 2);
  header.algorithm = text[7];
  header.mode = text[8];
  header.key_version = text.substr(9, 2);
  header.exportability = text[11];
  const auto count = number(text.substr(12, 2), 10);
  if (!count) return wrong_header("the number of optional blocks is no number");
  header.reserved = text.substr(14, 2);

  std::string_view rest = text.substr(kFixedHeader);
  auto blocks = take_blocks(rest, *count, header.version);
  if (!blocks) return tl::unexpected(blocks.error());
  header.blocks = *std::move(blocks);
  block.text = text.substr(0, text.size() - rest.size());

  const auto body = parse_hex(rest);
  if (!body) return fault("key-block-hex", "the enciphered key or the MAC is not hexadecimal");
  const std::size_t mac = key_block_mac_size(header.version);
  const std::size_t whole = key_block_cipher_block(header.version);
  if (body->size() < mac + whole || (body->size() - mac) % whole != 0)
    return fault("key-block-length", "the enciphered key is no whole number of cipher blocks");
  block.mac.assign(body->end() - static_cast<std::ptrdiff_t>(mac), body->end());
  block.enciphered.assign(body->begin(), body->end() - static_cast<std::ptrdiff_t>(mac));
  return block;
}

std::string key_block_header_text(const KeyBlockHeader& header, std::size_t body_size) {
  std::string blocks;
  for (const OptionalBlock& block : header.blocks) blocks += block_text(block);
  const std::string padding = padding_block(blocks.size(), header.version);
  const std::size_t count = header.blocks.size() + (padding.empty() ? 0 : 1);
  const std::string fields =
      header.usage + header.algorithm + header.mode + header.key_version + header.exportability;
  if (header.usage.size() != 2 || header.key_version.size() != 2 || header.reserved.size() != 2 ||
      !all_of_name(fields + header.reserved) || count > kMostBlocks)
    throw std::invalid_argument("a field of a key block's header has other characters or lengths");
  const std::size_t length = kFixedHeader + blocks.size() + padding.size() + 2 * body_size;
  if (length > kLongest) throw std::invalid_argument("a key block has at most 9999 characters");
  return header.version + digits(length, kLengthDigits, 10) + fields + digits(count, 2, 10) +
         header.reserved + blocks + padding;
}

}  // namespace emvcrypto

#include <catch2/catch.hpp>

#include "emvcrypto/cbc.h"
#include "emvcrypto/cmac.h"
#include "emvcrypto/key_block.h"
#include "emvcrypto/key_block_dictionary.h"
#include "emvcrypto/key_block_wrap.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

std::string fault_of(std::string_view text) {
  const auto block = parse_key_block(text);
  return block ? "" : block.error().code;
}

/// A key block's text with its length field put right.
std::string sized(std::string text) {
  const std::string length = std::to_string(text.size());
  return text.replace(1, 4, std::string(4 - length.size(), '0') + length);
}

std::string usage_fault(const char* usage, char algorithm, char mode, char exportability = 'E') {
  KeyBlockHeader header;
  header.usage = usage;
  header.algorithm = algorithm;
  header.mode = mode;
  header.exportability = exportability;
  const auto checked = check_key_block_header(header);
  return checked ? "" : checked.error().reason;
}

const std::string kBlock =
    "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E";
const std::string kBody = kBlock.substr(16);

}  // namespace

TEST_CASE("a key block of a wrong version, length or character is told apart") {
  CHECK(fault_of(kBlock).empty());
  CHECK(fault_of("") == "key-block-length");
  CHECK(fault_of("B0016P0TE00E0000") == "key-block-length");
  CHECK(fault_of("E" + kBlock.substr(1)) == "key-block-version");
  CHECK(fault_of("b" + kBlock.substr(1)) == "key-block-version");
  CHECK(fault_of(kBlock + "00") == "key-block-length");
  CHECK(fault_of(kBlock.substr(0, 78)) == "key-block-length");
  CHECK(fault_of(sized(kBlock.substr(0, 78))) == "key-block-length");
  CHECK(fault_of(sized(kBlock.substr(0, 79))) == "key-block-hex");
  CHECK(fault_of("B008xP0TE00E0000" + kBody) == "key-block-length");
  CHECK(fault_of("B0080P TE00E0000" + kBody) == "key-block-header");
  CHECK(fault_of("B0080P0TE00E0x00" + kBody) == "key-block-header");
  CHECK(fault_of("B0080P0TE00E0000\n" + kBody.substr(1)) == "key-block-header");
  std::string bad_hex = kBlock;
  bad_hex[40] = 'G';
  CHECK(fault_of(bad_hex) == "key-block-hex");
}

TEST_CASE("optional blocks that contradict themselves are refused") {
  const auto with = [](const std::string& count, const std::string& blocks) {
    return fault_of(sized("B0000P0TE00E" + count + "00" + blocks + kBody));
  };
  CHECK(with("01", "KS0812AB").empty());
  CHECK(with("02", "KS0812ABPB080000").empty());
  CHECK(with("01", "KSF812AB") == "key-block-header");          // longer than there is
  CHECK(with("01", "KS0312AB") == "key-block-header");          // shorter than its own header
  CHECK(with("01", "KS0912ABC") == "key-block-header");         // no whole cipher block
  CHECK(with("01", "K!0812AB") == "key-block-header");          // no name
  CHECK(with("02", "PB080000KS0812AB") == "key-block-header");  // padding before the end
  CHECK(with("02", "KS0812AB") == "key-block-header");          // one block too few
  CHECK(with("01", "KS000200") == "key-block-header");          // a long block cut short
  CHECK(with("01", "KS00030010123456") == "key-block-header");
  CHECK(with("01", "KS00020010123456").empty());
}

TEST_CASE("a header that cannot be written is not written") {
  KeyBlockKeys keys = key_block_keys('D', Secret(std::size_t{32}));
  const Secret key(Bytes(16, 0x11));
  const auto wrap = [&](const KeyBlockHeader& header) {
    return wrap_key_block(header, key, keys, 0, Bytes(64));
  };
  CHECK(parse_key_block(wrap({})));
  KeyBlockHeader header;
  header.usage = "K";
  CHECK_THROWS_AS(wrap(header), std::invalid_argument);
  header = {};
  header.version = 'E';
  CHECK_THROWS_AS(wrap(header), std::invalid_argument);
  header = {};
  header.algorithm = 'T';
  CHECK_NOTHROW(wrap(header));
  header.algorithm = 'D';
  CHECK_THROWS_AS(wrap(header), std::invalid_argument);
  header = {};
  header.blocks = {{"PB", "0000"}};
  CHECK_THROWS_AS(wrap(header), std::invalid_argument);
  header.blocks = {{"KSX", "0000"}};
  CHECK_THROWS_AS(wrap(header), std::invalid_argument);
  header.blocks = {{"LB", "caf\xE9"}};
  CHECK_THROWS_AS(wrap(header), std::invalid_argument);
  header.blocks = {{"CT", std::string(9990, '0')}};
  CHECK_THROWS_AS(wrap(header), std::invalid_argument);
  header.blocks = {{"KV", ""}, {"LB", std::string(251, 'x')}, {"CT", std::string(252, 'x')}};
  const auto block = parse_key_block(wrap(header));
  REQUIRE(block);
  CHECK(block->header == header);
  CHECK_THROWS_AS(wrap_key_block({}, key, keys, 32, Bytes(29)), std::invalid_argument);
  CHECK_NOTHROW(wrap_key_block({}, key, keys, 32, Bytes(30)));
}

TEST_CASE("the length of a key does not show where it is hidden") {
  KeyBlockKeys keys = key_block_keys('B', Secret(from_hex("89E88CF7931444F334BD7547FC3F380C")));
  KeyBlockHeader header{'B', "K0", 'T', 'B'};
  std::size_t length = 0;
  for (std::size_t size : {16U, 24U}) {
    const std::size_t shown = hidden_key_size('T', size);
    const std::string text = wrap_key_block(header, Secret(size), keys, shown, Bytes(32));
    if (length == 0) length = text.size();
    CHECK(text.size() == length);
  }
  CHECK(hidden_key_size('A', 16) == 32);
  CHECK(hidden_key_size('H', 20) == 20);
}

TEST_CASE("an authentic block with an impossible key is refused") {
  KeyBlockKeys keys = key_block_keys('D', Secret(std::size_t{16}));
  const auto opened = [&](char algorithm, unsigned bits) {
    KeyBlockHeader header;
    header.algorithm = algorithm;
    const std::string text = key_block_header_text(header, 32 + 16);
    Bytes payload(32);
    payload[0] = static_cast<std::uint8_t>(bits >> 8);
    payload[1] = static_cast<std::uint8_t>(bits);
    const Bytes mac = cmac(*keys.mac, concat({as_bytes(text), payload}));
    encrypt_cbc(*keys.enc, mac, payload);
    const auto block = parse_key_block(text + to_hex(payload) + to_hex(mac));
    REQUIRE(block);
    const auto key = unwrap_key_block(*block, keys);
    return key ? std::string() : key.error().code;
  };
  CHECK(opened('A', 128).empty());
  CHECK(opened('H', 240).empty());
  CHECK(opened('A', 160) == "key-block-key");  // no length of AES
  CHECK(opened('H', 248) == "key-block-key");  // more than there is
  CHECK(opened('H', 0xFFF8) == "key-block-key");
  CHECK(opened('H', 129) == "key-block-key");  // no whole bytes
  CHECK(opened('H', 0) == "key-block-key");
  CHECK_FALSE(is_key_size('T', 8));
  CHECK(is_key_size('D', 8));
}

TEST_CASE("usage, algorithm, mode and exportability fit one another") {
  CHECK(usage_fault("K0", 'A', 'B').empty());
  CHECK(usage_fault("E0", 'T', 'X').empty());
  CHECK(usage_fault("C0", 'T', 'C').empty());
  CHECK(usage_fault("10", 'T', 'Y').empty());
  CHECK_THAT(usage_fault("K0", 'R', 'B'), Catch::Contains("not for algorithm R"));
  CHECK_THAT(usage_fault("E0", 'T', 'E'), Catch::Contains("does not allow mode of use E"));
  CHECK_THAT(usage_fault("Z9", 'T', 'N'), Catch::Contains("Z9"));
  CHECK_THAT(usage_fault("01", 'T', 'N'), Catch::Contains("01"));
  CHECK_THAT(usage_fault("K0", 'X', 'N'), Catch::Contains("algorithm X"));
  CHECK_THAT(usage_fault("K0", 'T', 'Q'), Catch::Contains("mode of use Q"));
  CHECK_THAT(usage_fault("K0", 'T', 'B', 'Y'), Catch::Contains("exportability Y"));
  for (const KeyBlockUsage& usage : key_block_usages()) {
    CHECK(find_key_block_usage(usage.code) == &usage);
    CHECK(usage.code.size() == 2);
    CHECK_FALSE(usage.name.empty());
  }
  CHECK(key_check_block(false, from_hex("8BAF47")) == "008BAF47");
  CHECK(key_check_block(true, from_hex("08793E25AB")) == "0108793E25AB");
}

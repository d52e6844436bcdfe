#include "emvcrypto/key_block.h"

#include <catch2/catch.hpp>

#include "emvcrypto/key_block_dictionary.h"
#include "emvcrypto/key_block_wrap.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

/// All vectors of key blocks: the standards' own and those beyond.
std::vector<test::json> all_vectors() {
  std::vector<test::json> all;
  for (const char* file : {"tr31", "key_blocks"})
    for (const auto& entry : test::vectors(file)) all.push_back(entry);
  return all;
}

KeyBlockKeys keys_of(const test::json& entry, char version) {
  return key_block_keys(version, Secret(test::hex(entry.at("inputs"), "KBPK")));
}

/// Length, key and fill of a block, deciphered from its parts.
Bytes payload(const KeyBlock& block, KeyBlockKeys& keys) {
  Bytes clear = block.enciphered;
  const std::size_t size = keys.enc->block_size();
  const bool variant = block.header.version == 'A' || block.header.version == 'C';
  Bytes before = variant ? Bytes(block.text.begin(), block.text.begin() + 8) : block.mac;
  for (std::size_t at = 0; at < clear.size(); at += size) {
    const MutableBytes part = MutableBytes(clear).subspan(at, size);
    const Bytes enciphered(part.begin(), part.end());
    keys.enc->decrypt(part);
    for (std::size_t i = 0; i < size; ++i) part[i] ^= before[i];
    before = enciphered;
  }
  return clear;
}

}  // namespace

TEST_CASE("key blocks of other systems are read field by field") {
  for (const auto& entry : all_vectors()) {
    INFO(entry.at("id"));
    const auto& header = entry.at("expected").at("header");
    const auto block = parse_key_block(test::text(entry.at("inputs"), "key_block"));
    REQUIRE(block);
    const auto text = [](char c) { return std::string(1, c); };
    CHECK(text(block->header.version) == test::text(header, "version"));
    CHECK(block->header.usage == test::text(header, "usage"));
    CHECK(text(block->header.algorithm) == test::text(header, "algorithm"));
    CHECK(text(block->header.mode) == test::text(header, "mode"));
    CHECK(text(block->header.exportability) == test::text(header, "export"));
    CHECK(block->header.key_version == header.value("key_version", block->header.key_version));
    CHECK(block->header.blocks.size() == header.at("blocks").size());
    for (const auto& [id, data] : header.at("blocks").items()) {
      const OptionalBlock* found = find_optional_block(block->header, id);
      REQUIRE(found);
      CHECK(found->data == data.get<std::string>());
    }
    CHECK(check_key_block_header(block->header));
  }
}

TEST_CASE("keys come out of the key blocks of other systems") {
  for (const auto& entry : all_vectors()) {
    INFO(entry.at("id"));
    const auto block = parse_key_block(test::text(entry.at("inputs"), "key_block"));
    REQUIRE(block);
    KeyBlockKeys keys = keys_of(entry, block->header.version);
    const auto key = unwrap_key_block(*block, keys);
    REQUIRE(key);
    CHECK(to_hex(key->expose()) == test::text(entry.at("expected"), "key"));
  }
}

TEST_CASE("keys go into key blocks as other systems wrap them") {
  for (const auto& entry : all_vectors()) {
    INFO(entry.at("id"));
    const std::string text = test::text(entry.at("inputs"), "key_block");
    const auto block = parse_key_block(text);
    REQUIRE(block);
    KeyBlockKeys keys = keys_of(entry, block->header.version);
    const Secret key(test::hex(entry.at("expected"), "key"));
    const Bytes clear = payload(*block, keys);
    const ByteView fill = ByteView(clear).subspan(2 + key.size());
    if (entry.at("inputs").contains("fill"))
      CHECK(to_hex(fill) == test::text(entry.at("inputs"), "fill"));
    const std::size_t shown = clear.size() - 2;
    CHECK(key_block_fill_size(block->header.version, key.size(), shown) == fill.size());
    CHECK(wrap_key_block(block->header, key, keys, shown, fill) == text);
  }
}

TEST_CASE("a key block protection key may be behind a cipher") {
  for (const auto& entry : all_vectors()) {
    const auto block = parse_key_block(test::text(entry.at("inputs"), "key_block"));
    REQUIRE(block);
    const char version = block->header.version;
    const Bytes kbpk = test::hex(entry.at("inputs"), "KBPK");
    const auto cipher = version == 'D' ? make_aes(kbpk) : make_des(kbpk);
    if (version == 'A' || version == 'C') {
      CHECK_THROWS_AS(key_block_keys(version, *cipher, kbpk.size()), std::invalid_argument);
      continue;
    }
    KeyBlockKeys keys = key_block_keys(version, *cipher, kbpk.size());
    CHECK(unwrap_key_block(*block, keys));
  }
  CHECK_THROWS_AS(key_block_keys('D', *make_des(Bytes(16)), 16), std::invalid_argument);
  CHECK_THROWS_AS(key_block_keys('B', Secret(std::size_t{32})), std::invalid_argument);
  CHECK_THROWS_AS(key_block_keys('D', Secret(std::size_t{8})), std::invalid_argument);
  CHECK_THROWS_AS(key_block_keys('E', Secret(std::size_t{16})), std::invalid_argument);
}

TEST_CASE("no character of a key block can be changed unnoticed") {
  for (const auto& entry : all_vectors()) {
    INFO(entry.at("id"));
    const std::string text = test::text(entry.at("inputs"), "key_block");
    KeyBlockKeys keys = keys_of(entry, text[0]);
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string changed = text;
      changed[at] = text[at] == '1' ? '2' : '1';
      const auto block = parse_key_block(changed);
      if (!block) continue;
      INFO(at);
      CHECK(unwrap_key_block(*block, keys).error().code == "key-block-mac");
    }
  }
}

TEST_CASE("a wrong protection key opens nothing") {
  for (const auto& entry : all_vectors()) {
    const auto block = parse_key_block(test::text(entry.at("inputs"), "key_block"));
    REQUIRE(block);
    Bytes kbpk = test::hex(entry.at("inputs"), "KBPK");
    kbpk[0] ^= 0x10;
    KeyBlockKeys keys = key_block_keys(block->header.version, Secret(kbpk));
    CHECK(unwrap_key_block(*block, keys).error().code == "key-block-mac");
  }
}

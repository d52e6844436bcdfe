#include "kpd/certificates/ca_key_list.h"

#include <fmt/format.h>

#include <array>

#include "kpd/certificates/signed_block.h"

namespace kpd {
namespace {

constexpr std::array<std::string_view, 5> kColumns{"rid", "index", "exponent", "modulus", "hash"};
constexpr std::size_t kMostKeys = 10000;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\"");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\"") - first + 1);
}

std::vector<std::string_view> cells_of(std::string_view line, char separator) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t end = std::min(line.find(separator), line.size());
    cells.push_back(trimmed(line.substr(0, end)));
    if (end == line.size()) return cells;
    line.remove_prefix(end + 1);
  }
}

/// One file while it is read line by line.
struct CsvReader {
  FilePlace place;
  char separator = ',';
  std::vector<std::size_t> column_of;  ///< as kColumns; empty before the first line

  [[noreturn]] void fail(const std::string& what) const {
    throw ConfigError({Mistake{place, "", what, "", "ca-key-list", false}});
  }

  void read_head(std::string_view line) {
    separator = line.find(';') == line.npos ? ',' : ';';
    const auto cells = cells_of(line, separator);
    for (const std::string_view name : kColumns) {
      const auto found = std::find(cells.begin(), cells.end(), name);
      if (found == cells.end())
        fail(
            fmt::format("the first line names no column '{}': it has rid,index,exponent,modulus,"
                        "hash in any order",
                        name));
      column_of.push_back(static_cast<std::size_t>(found - cells.begin()));
    }
  }

  Bytes cell(const std::vector<std::string_view>& cells, std::size_t column,
             std::size_t size) const {
    const std::size_t at = column_of[column];
    const auto value = at < cells.size() ? emvcrypto::parse_hex(cells[at]) : std::optional<Bytes>();
    if (!value || value->empty() || (size != 0 && value->size() != size))
      fail(fmt::format("column '{}': expected {} hexadecimal digits", kColumns[column],
                       size == 0 ? "an even number of" : std::to_string(2 * size)));
    return *value;
  }

  CaKey read_key(std::string_view line) const {
    const auto cells = cells_of(line, separator);
    CaKey ca;
    ca.rid = cell(cells, 0, 5);
    ca.index = cell(cells, 1, 1)[0];
    ca.key.exponent = cell(cells, 2, 0);
    ca.key.modulus = cell(cells, 3, 0);
    if (emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key) != cell(cells, 4, 20))
      fail("the key does not have this hash: the line was changed or mistyped");
    if (const auto good = check_numbers(ca.key); !good) fail(good.error().reason);
    return ca;
  }
};

}  // namespace

std::vector<CaKey> read_ca_csv(std::string_view text, const std::filesystem::path& file) {
  CsvReader reader;
  reader.place.file = file.string();
  std::vector<CaKey> keys;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++reader.place.line;
    if (line.empty() || line.front() == '#') continue;
    if (keys.size() == kMostKeys) reader.fail("these are more keys than any scheme has");
    if (reader.column_of.empty())
      reader.read_head(line);
    else
      keys.push_back(reader.read_key(line));
  }
  if (keys.empty()) reader.fail("there is no key in this list");
  return keys;
}

std::vector<CaKey> read_ca_list(YamlMap map) {
  map.text("title", "");
  std::vector<CaKey> keys;
  for (const YamlNode& node : map.need("keys").list()) {
    YamlMap one = node.map();
    CaKey ca;
    ca.rid = one.need("rid").hex(5);
    ca.index = one.need("index").hex(1)[0];
    ca.key = {one.need("modulus").hex(), one.need("exponent").hex()};
    const YamlNode hash = one.need("hash");
    if (emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key) != hash.hex(20))
      hash.fail("the key does not have this hash: the file was changed or mistyped");
    if (const auto good = check_numbers(ca.key); !good) node.fail(good.error().reason);
    one.finish();
    keys.push_back(std::move(ca));
  }
  map.finish();
  if (keys.empty()) map.node().fail("there is no key in this list");
  return keys;
}

namespace {

std::string hash_text(const CaKey& ca) {
  return emvcrypto::to_hex(emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key));
}

}  // namespace

std::string ca_csv_text(const std::vector<CaKey>& keys) {
  std::string text = "rid,index,exponent,modulus,hash\n";
  for (const CaKey& ca : keys)
    text += fmt::format("{},{:02X},{},{},{}\n", emvcrypto::to_hex(ca.rid), ca.index,
                        emvcrypto::to_hex(ca.key.exponent), emvcrypto::to_hex(ca.key.modulus),
                        hash_text(ca));
  return text;
}

std::string ca_list_text(const std::vector<CaKey>& keys) {
  std::string text = "kind: ca-key-list\nkeys:\n";
  for (const CaKey& ca : keys)
    text += fmt::format(
        "  - {{rid: \"{}\", index: \"{:02X}\", exponent: \"{}\",\n     modulus: \"{}\",\n"
        "     hash: \"{}\"}}\n",
        emvcrypto::to_hex(ca.rid), ca.index, emvcrypto::to_hex(ca.key.exponent),
        emvcrypto::to_hex(ca.key.modulus), hash_text(ca));
  return text;
}

}  // namespace kpd

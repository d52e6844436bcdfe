#include "kpd/bench/bench_records.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "emvcrypto/pan.h"
#include "emvcrypto/pinblock.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::uint64_t kAtATime = 4096;  // records whose PIN blocks are enciphered together
constexpr std::size_t kBlock = 8;

std::string pan_of(std::string_view product, std::uint64_t record) {
  std::string pan = fmt::format("{}{:09}", product == "SDA" ? "476173" : "476174", record);
  return pan + emvcrypto::luhn_digit(pan);
}

/// Under the key, the blocks of PINs that anybody may know.
hsm::Bytes pin_blocks(const std::vector<std::string>& pans, hsm::Token& token,
                      const hsm::Key& kek1) {
  hsm::Bytes blocks;
  for (const std::string& pan : pans) {
    const std::string digits = pan.substr(pan.size() - 5, 4);
    const hsm::Secret pin(emvcrypto::as_bytes(digits));
    emvcrypto::append(blocks, emvcrypto::pin_block_0(pin, pan).expose());
  }
  token.encrypt_ecb(kek1, blocks);
  return blocks;
}

}  // namespace

void write_bench_records(const std::filesystem::path& file, std::string_view product,
                         std::uint64_t count, hsm::Token& back_office, const hsm::Key& kek1) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << "record_id;product;pan;psn;effective;expiry;name;service_code;country;currency;language;"
         "pin_block;limit_lower;limit_upper;issue;branch;emboss_line4;member_no;tier\n";
  for (std::uint64_t first = 0; first < count; first += kAtATime) {
    const std::uint64_t last = std::min(count, first + kAtATime);
    std::vector<std::string> pans;
    for (std::uint64_t record = first; record < last; ++record)
      pans.push_back(pan_of(product, record));
    const hsm::Bytes blocks = pin_blocks(pans, back_office, kek1);
    for (std::uint64_t record = first; record < last; ++record) {
      const std::size_t at = record - first;
      out << fmt::format(
          "{:010};{};{};00;261101;2909;SAMPLE/CARD {};201;826;826;en;{};5000;50000;01;587472;"
          "ACME TOOLS;L{:09};GOLD\n",
          record, product, pans[at], static_cast<char>('A' + record % 26),
          emvcrypto::to_hex(hsm::ByteView(blocks).subspan(kBlock * at, kBlock)), record);
    }
  }
  out.close();
  if (!out) throw Failure(ExitCode::io, file.string() + ": the records cannot be written");
}

}  // namespace kpd

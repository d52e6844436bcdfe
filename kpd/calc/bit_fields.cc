// Data objects that are bits, rules or entries.
#include <fmt/format.h>

#include "emvcrypto/afl.h"
#include "kpd/calc/functions.h"
#include "kpd/inspect/decode_value.h"

namespace kpd::calc {
namespace {

constexpr std::array kAipParameters{
    hex("value", "Application interchange profile").sized(2).bare()};
constexpr std::array kAucParameters{hex("value", "Application usage control").sized(2).bare()};
constexpr std::array kTvrParameters{
    hex("value", "Terminal verification results or an action code").sized(5).bare()};
constexpr std::array kCvmParameters{hex("value", "CVM list").sized(10, 252, 2).bare()};
constexpr std::array kAflParameters{
    hex("value", "Application file locator").sized(4, 252, 4).bare()};

Done bits(const Arguments& arguments, Result& result,
          std::span<const inspect::BitMeaning> meanings) {
  result.nodes("bits", inspect::decode_bits(arguments.bytes("value"), meanings));
  return {};
}

Done aip(const Arguments& arguments, Result& result) {
  return bits(arguments, result, inspect::aip_bits());
}
Done auc(const Arguments& arguments, Result& result) {
  return bits(arguments, result, inspect::auc_bits());
}
Done tvr(const Arguments& arguments, Result& result) {
  return bits(arguments, result, inspect::tvr_bits());
}

Done cvm(const Arguments& arguments, Result& result) {
  const auto nodes = inspect::decode_cvm_list(arguments.bytes("value"));
  if (!nodes) return emvcrypto::fault("cvm", "this is no CVM list");
  result.nodes("rules", *nodes);
  return {};
}

Done afl(const Arguments& arguments, Result& result) {
  const auto entries = emvcrypto::parse_afl(arguments.bytes("value"));
  if (!entries) return tl::unexpected(entries.error());
  Result list = result.list("entries");
  for (const emvcrypto::AflEntry& entry : *entries) {
    Result row = list.group("");
    row.number("sfi", entry.sfi);
    row.number("first", entry.first);
    row.number("last", entry.last);
    row.number("signed", entry.signed_count);
  }
  return {};
}

}  // namespace

constinit const Function kAip{"aip", "Application interchange profile (82) in words",
                              kAipParameters, "3900", aip};
constinit const Function kAuc{"auc", "Application usage control (9F07) in words", kAucParameters,
                              "FF00", auc};
constinit const Function kTvr{"tvr", "TVR (95) and action codes (9F0D-9F0F) in words",
                              kTvrParameters, "8000048000", tvr};
constinit const Function kCvm{"cvm", "CVM list (8E) in words", kCvmParameters,
                              "00000000000000004201440341031E031F00", cvm};
constinit const Function kAfl{"afl", "Application file locator (94) in words", kAflParameters,
                              "080202001001020018010201", afl};

}  // namespace kpd::calc

// Application cryptograms and issuer authentication by cryptogram version.
#include <fmt/format.h>

#include "kpd/calc/functions.h"
#include "kpd/calc/transaction.h"

namespace kpd::calc {
namespace {

using emvcrypto::ArpcMethod;
using emvcrypto::CryptogramVersion;
using emvcrypto::SessionKeyRule;

const CryptogramVersion& version_of(const Arguments& arguments) {
  return *emvcrypto::find_cryptogram_version(arguments.text("version"));
}

std::string_view rule_text(SessionKeyRule rule) {
  switch (rule) {
    case SessionKeyRule::none:
      return "card key";
    case SessionKeyRule::common:
      return "common";
    case SessionKeyRule::unpredictable:
      return "unpredictable";
  }
  return {};
}

std::string tags_text(std::span<const emvcrypto::Tag> tags) {
  std::string text;
  for (const emvcrypto::Tag tag : tags)
    text += fmt::format("{}{}", text.empty() ? "" : " ", emvcrypto::tag_name(tag));
  return text;
}

constexpr auto kArqcParameters = join(
    join(std::array{version()}, kCardKeyParameters),
    join(kTransactionParameters,
         std::array{
             hex("terminal-data", "Values of the version's terminal data, in its order").optional(),
             hex("aip", "Application interchange profile (82)").sized(2).optional(),
             hex("iad", "Issuer application data (9F10)").sized(1, 32).optional(),
             hex("tlv", "BER-TLV with those of them that are not given alone").optional(),
             hex("ac", "Cryptogram to compare with (9F26)").sized(8).optional()}));

/// The terminal's data as given, or value by value out of the TLV.
Expected<Bytes> terminal_data(const Arguments& arguments, const CryptogramVersion& version) {
  if (arguments.has("terminal-data")) {
    const ByteView given = arguments.bytes("terminal-data");
    if (given.size() != emvcrypto::terminal_data_size(version))
      return usage(fmt::format("terminal-data: {} wants {} bytes, the values of {}", version.name,
                               emvcrypto::terminal_data_size(version),
                               tags_text(version.terminal_data)));
    return Bytes(given.begin(), given.end());
  }
  Bytes data;
  for (const emvcrypto::Tag tag : version.terminal_data) {
    const auto value = emvcrypto::find_tlv(arguments.bytes("tlv"), tag);
    if (!value)
      return usage(fmt::format("missing: terminal-data, the values of {} (or tag {} in tlv)",
                               tags_text(version.terminal_data), emvcrypto::tag_name(tag)));
    emvcrypto::append(data, *value);
  }
  return data;
}

Done arqc(const Arguments& arguments, Result& result) {
  result.learn_tlv(arguments.bytes("tlv"));
  const CryptogramVersion& version = version_of(arguments);
  const auto terminal = terminal_data(arguments, version);
  if (!terminal) return tl::unexpected(terminal.error());
  const auto atc = value_or_tlv(arguments, "atc", 0x9F36);
  const auto iad = value_or_tlv(arguments, "iad", 0x9F10);
  const auto aip = version.with_aip ? value_or_tlv(arguments, "aip", 0x82) : Bytes(2);
  for (const auto* value : {&atc, &iad, &aip})
    if (!*value) return tl::unexpected(value->error());
  const Bytes input = emvcrypto::cryptogram_input(version, *terminal, *aip, *atc, *iad);
  const auto key = version_key(arguments, version.session_key, result);
  if (!key) return tl::unexpected(key.error());
  const Bytes cryptogram = emvcrypto::application_cryptogram(
      emvcrypto::make_retail_mac_key(key->expose()), input, version.padding);
  result.hex("input", input);
  result.hex("ac", cryptogram);
  if (!arguments.has("ac")) return {};
  const bool same = std::ranges::equal(cryptogram, arguments.bytes("ac"));
  result.truth("matches", same);
  if (!same) return emvcrypto::fault("ac", "the cryptogram is another one than given");
  return {};
}

constexpr auto kArpcParameters = join(
    join(std::array{version()}, kCardKeyParameters),
    join(
        kTransactionParameters,
        std::array{hex("arqc", "The card's cryptogram (9F26)").sized(8),
                   hex("arc", "Authorisation response code (8A), for method 1").sized(2).optional(),
                   hex("csu", "Card status update, for method 2").sized(4).optional(),
                   hex("proprietary", "Proprietary authentication data, for method 2")
                       .sized(1, 8)
                       .optional()}));

Done arpc(const Arguments& arguments, Result& result) {
  const CryptogramVersion& version = version_of(arguments);
  const bool one = version.arpc == ArpcMethod::one;
  if (!arguments.has(one ? "arc" : "csu"))
    return usage(
        fmt::format("missing: {}, which {} is made of", one ? "arc" : "csu", version.name));
  const auto key = version_key(arguments, version.arpc_key, result);
  if (!key) return tl::unexpected(key.error());
  const ByteView arqc = arguments.bytes("arqc");
  Bytes arpc;
  Bytes data;
  if (one) {
    arpc =
        emvcrypto::arpc_method_1(*emvcrypto::make_des(key->expose()), arqc, arguments.bytes("arc"));
    data = emvcrypto::concat({arpc, arguments.bytes("arc")});
  } else {
    const ByteView proprietary = arguments.bytes("proprietary");
    arpc = emvcrypto::arpc_method_2(emvcrypto::make_retail_mac_key(key->expose()), arqc,
                                    arguments.bytes("csu"), proprietary);
    data = emvcrypto::concat({arpc, arguments.bytes("csu"), proprietary});
  }
  result.number("method", one ? 1 : 2);
  result.hex("arpc", arpc);
  result.hex("issuer_authentication_data", data);
  return {};
}

Done versions(const Arguments&, Result& result) {
  Result list = result.list("versions");
  for (const CryptogramVersion& version : emvcrypto::cryptogram_versions()) {
    Result row = list.group("");
    row.text("version", version.name);
    row.text("number", fmt::format("{:02X}", version.number));
    row.text("session_key", rule_text(version.session_key));
    row.text("padding", version.padding == emvcrypto::MacPadding::zeros ? "zeros" : "method 2");
    row.text("terminal_data", tags_text(version.terminal_data));
    row.truth("with_aip", version.with_aip);
    row.number("arpc_method", version.arpc == ArpcMethod::one ? 1 : 2);
    row.text("arpc_key", rule_text(version.arpc_key));
  }
  return {};
}

}  // namespace

constinit const Function kArqc{
    "arqc", "Application cryptogram of a transaction, by cryptogram version", kArqcParameters,
    "--version ccd-a5 --imk 0123456789ABCDEFFEDCBA9876543210 --pan 1234567890123456 "
    "--terminal-data 0000000040000000000000000124800004800001241911050152BF4585 --aip 1800 "
    "--atc 001C --iad 0FA501A03000000000000000000000000F000000000000000000000000000000 "
    "--clear-test-keys",
    arqc};

constinit const Function kArpc{
    "arpc", "Issuer's answer to a cryptogram (ARPC), by cryptogram version", kArpcParameters,
    "--version ccd-a5 --imk 0123456789ABCDEFFEDCBA9876543210 --pan 1234567890123456 --atc 001C "
    "--arqc 7A788EA6B8A3E733 --csu 00000000 --clear-test-keys",
    arpc};

constinit const Function kVersions{
    "versions", "Cryptogram versions and their rules", {}, "", versions};

}  // namespace kpd::calc

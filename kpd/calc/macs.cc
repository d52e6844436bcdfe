// MACs over data as they stand.
#include "emvcrypto/mac.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

constexpr std::array kParameters{
    choice("algorithm", "retail cbc cmac",
           "retail: ISO/IEC 9797-1 algorithm 3; cbc: algorithm 1 over 3DES or AES; cmac: AES-CMAC")
        .or_else("retail"),
    choice("cipher", "des aes", "Cipher of algorithm cbc").or_else("des"),
    choice("padding", "method-2 zeros none", "Padding of retail and cbc").or_else("method-2"),
    key("key", "MAC key: 16 bytes for 3DES; 16, 24 or 32 for AES").sized(16, 32, 8),
    hex("data", "What the MAC is over").sized(0, 65536).bare()};

Expected<Bytes> padded(const Arguments& arguments, std::size_t block_size) {
  const ByteView data = arguments.bytes("data");
  const std::string& padding = arguments.text("padding");
  if (padding == "method-2") return emvcrypto::pad_80(data, block_size);
  if (padding == "zeros") return emvcrypto::pad_00(data, block_size);
  if (data.empty() || data.size() % block_size != 0)
    return usage("data: without padding whole blocks are wanted");
  return Bytes(data.begin(), data.end());
}

Done mac(const Arguments& arguments, Result& result) {
  const std::string& algorithm = arguments.text("algorithm");
  const Secret& key = arguments.secret("key");
  if (algorithm == "cmac") {
    result.check_value("key", key, KeyType::aes);
    result.hex("mac", emvcrypto::aes_cmac(key.expose(), arguments.bytes("data")));
    return {};
  }
  const bool aes = algorithm == "cbc" && arguments.text("cipher") == "aes";
  if (!aes && key.size() == 32) return usage("key: 3DES has keys of 16 or 24 bytes");
  if (algorithm == "retail" && key.size() != 16)
    return usage("key: a retail MAC is over a key of 16 bytes");
  const auto message = padded(arguments, aes ? 16 : 8);
  if (!message) return tl::unexpected(message.error());
  result.check_value("key", key, aes ? KeyType::aes : KeyType::des);
  if (algorithm == "retail") {
    result.hex("mac",
               emvcrypto::retail_mac(emvcrypto::make_retail_mac_key(key.expose()), *message));
    return {};
  }
  const auto cipher = aes ? emvcrypto::make_aes(key.expose()) : emvcrypto::make_des(key.expose());
  result.hex("mac", emvcrypto::cbc_mac(*cipher, *message));
  return {};
}

}  // namespace

constinit const Function kMac{
    "mac", "MAC over data: retail, CBC or CMAC", kParameters,
    "--key C7AEDF49AEF2F146D692400E0B851A8F --data 0123456789ABCDEF0123456789ABCDEF "
    "--clear-test-keys",
    mac};

}  // namespace kpd::calc

#include "hsm/mechanism_probe.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/cipher.h"

namespace hsm {

namespace {

constexpr std::string_view kRules = "rules";

const Probes& all_probes() {
  static const Probes all = [] {
    Probes list;
    add_cipher_probes(list);
    add_wrap_probes(list);
    add_path_probes(list);
    add_rsa_probes(list);
    add_kcv_probes(list);
    add_rule_probes(list);
    return list;
  }();
  return all;
}

Probe find_probe(const std::string& name) {
  const auto found =
      std::ranges::find(all_probes(), name, [](const Probe& probe) { return probe.info.name; });
  if (found != all_probes().end()) return *found;
  if (auto rsa = make_rsa_probe(name)) return std::move(*rsa);
  throw std::invalid_argument("no way to try the operation " + name);
}

}  // namespace

std::vector<ProbeInfo> probes() {
  std::vector<ProbeInfo> infos;
  for (const Probe& probe : all_probes()) infos.push_back(probe.info);
  return infos;
}

ProbeAnswer run_probe(Token& token, Token::State& state, const std::string& name) {
  const Probe probe = find_probe(name);
  try {
    const bool works = probe.run(token, state);
    const bool rule = probe.info.group == kRules;
    return {works, works ? "" : rule ? "the device allows it" : "what comes out is wrong"};
  } catch (const Error& error) {
    if (error.device_lost()) throw;
    return {false, ckr_name(error.rv())};
  } catch (const SetupError& error) {  // what it made is not what it should be
    return {false, error.what()};
  } catch (const std::invalid_argument& error) {
    return {false, error.what()};
  }
}

Bytes probe_pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + 1);
  return bytes;
}

Secret probe_key(std::size_t size, std::uint8_t start) {
  Secret key(size);
  const auto bytes = key.expose_mutable();
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(start + i * 13);
  emvcrypto::set_odd_parity(bytes);
  return key;
}

Key throwaway(Token& token, KeyType type, const Usage& usage) {
  const std::size_t size = type == KeyType::des2 ? 16 : type == KeyType::des3 ? 24 : 32;
  return token.generate_secret(type, size, usage);
}

}  // namespace hsm

/// Finding out what a device really does. Internal to hsm.
#pragma once

#include <functional>

#include "hsm/probe.h"
#include "hsm/token_state.h"

namespace hsm {

/// A way to try one operation: true when it works. What the device refuses comes as an Error, a
/// wrong result as false, SetupError or an exception of the host's cryptography.
struct Probe {
  ProbeInfo info;
  std::function<bool(Token&, Token::State&)> run;
};

using Probes = std::vector<Probe>;
void add_cipher_probes(Probes& to);  // probe_ciphers.cc
void add_wrap_probes(Probes& to);    // probe_wrapping.cc
void add_path_probes(Probes& to);    // probe_paths.cc
void add_rsa_probes(Probes& to);     // probe_rsa.cc
void add_kcv_probes(Probes& to);     // probe_check_values.cc
void add_rule_probes(Probes& to);    // probe_rules.cc

/// The probe of an RSA pair by its name, of any length; nothing for another name.
std::optional<Probe> make_rsa_probe(const std::string& name);

/// Tries an operation once with session keys made for it and checks its result. Throws Error when
/// the device is lost, std::invalid_argument for an operation that cannot be tried.
ProbeAnswer run_probe(Token& token, Token::State& state, const std::string& name);

/// Bytes that follow a rule, no two blocks of them equal.
Bytes probe_pattern(std::size_t size);
/// A key value of `size` bytes with odd parity, which is as good for AES.
Secret probe_key(std::size_t size, std::uint8_t start);
/// A key of the device's own making, of the usual size of its type.
Key throwaway(Token& token, KeyType type, const Usage& usage);

}  // namespace hsm

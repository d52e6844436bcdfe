/// One function of the calculator: its row in the table that everything else is made of.
#pragma once

#include <array>
#include <span>

#include "emvcrypto/fault.h"
#include "kpd/calc/arguments.h"
#include "kpd/calc/parameter.h"
#include "kpd/calc/result.h"

namespace kpd::calc {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Expected;
using emvcrypto::Secret;

/// What a body answers: nothing when all is well. A fault of code "usage" is one of the arguments
/// together, any other one of the data (a certificate that does not open, a MAC that is wrong).
/// What is in the result by then is shown also beside a fault. std::invalid_argument of the
/// primitives counts as a "usage" fault.
using Done = Expected<void>;

struct Function {
  std::string_view name;  ///< "udk", "pinblock encode"
  std::string_view purpose;
  std::span<const Parameter> parameters;
  std::string_view example;  ///< what stands behind the name, as typed in a shell
  Done (*body)(const Arguments&, Result&);
};

/// A fault of the arguments together.
inline tl::unexpected<emvcrypto::Fault> usage(std::string reason) {
  return emvcrypto::fault("usage", std::move(reason));
}

/// Two lists of parameters in one.
template <std::size_t A, std::size_t B>
constexpr std::array<Parameter, A + B> join(const std::array<Parameter, A>& a,
                                            const std::array<Parameter, B>& b) {
  std::array<Parameter, A + B> all{};
  for (std::size_t i = 0; i < A; ++i) all[i] = a[i];
  for (std::size_t i = 0; i < B; ++i) all[A + i] = b[i];
  return all;
}

}  // namespace kpd::calc

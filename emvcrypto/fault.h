/// A bad value is an answer, not an exception: expected<T, Fault>.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace emvcrypto {

/// What is wrong with a value that came from outside: a stable code ("luhn", "pin-length") for
/// programs and a sentence for people. Neither ever holds a secret or a full PAN.
struct Fault {
  std::string code;
  std::string reason;
};

template <typename T>
using Expected = tl::expected<T, Fault>;

inline tl::unexpected<Fault> fault(std::string code, std::string reason) {
  return tl::unexpected<Fault>(Fault{std::move(code), std::move(reason)});
}

}  // namespace emvcrypto

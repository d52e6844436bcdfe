#include "kpd/pcsc/pcsc_error.h"

#include <fmt/format.h>
#include <pcsclite.h>

#include <algorithm>
#include <array>

namespace kpd {
namespace {

// A killed service shows as a communication error first and as no service after that.
constexpr std::array<LONG, 7> kBroken{SCARD_F_COMM_ERROR,          SCARD_E_NO_SERVICE,
                                      SCARD_E_SERVICE_STOPPED,     SCARD_E_INVALID_HANDLE,
                                      SCARD_E_READER_UNAVAILABLE,  SCARD_E_UNKNOWN_READER,
                                      SCARD_E_NO_READERS_AVAILABLE};

}  // namespace

std::string pcsc_text(long code) {
  return fmt::format("{} (0x{:08X})", pcsc_stringify_error(code),
                     static_cast<unsigned long>(code) & 0xFFFFFFFFUL);
}

bool pcsc_is_broken(long code) {
  return std::find(kBroken.begin(), kBroken.end(), code) != kBroken.end();
}

}  // namespace kpd

#include "kpd/inspect/dictionary.h"

namespace kpd::inspect {
namespace {

constexpr std::string_view kMethods[] = {
    "fail",
    "plaintext PIN, checked by the card",
    "enciphered PIN, checked online",
    "plaintext PIN, checked by the card, and signature",
    "enciphered PIN, checked by the card",
    "enciphered PIN, checked by the card, and signature",
    "face, checked by the card",
    "face, checked online",
    "finger, checked by the card",
    "finger, checked online",
    "palm, checked by the card",
    "palm, checked online",
    "iris, checked by the card",
    "iris, checked online",
    "voice, checked by the card",
    "voice, checked online",
};
constexpr std::uint8_t kSignature = 0x1E, kNone = 0x1F;

constexpr std::string_view kConditions[] = {
    "always",
    "for unattended cash",
    "unless cash or purchase with cashback",
    "if the terminal supports it",
    "for manual cash",
    "for purchase with cashback",
    "in the application's currency under X",
    "in the application's currency over X",
    "in the application's currency under Y",
    "in the application's currency over Y",
};

}  // namespace

std::string_view cvm_text(std::uint8_t code) {
  if (code == kSignature) return "signature";
  if (code == kNone) return "none required";
  return code < std::size(kMethods) ? kMethods[code] : std::string_view();
}

std::string_view cvm_condition_text(std::uint8_t code) {
  return code < std::size(kConditions) ? kConditions[code] : std::string_view();
}

}  // namespace kpd::inspect

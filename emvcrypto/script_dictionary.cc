// Script rules by cryptogram version. All were checked against commands that an HSM made, but where
// a row says otherwise: MED is what follows from a version of the same family.
#include <algorithm>

#include "emvcrypto/script.h"

namespace emvcrypto {
namespace {

using enum ScriptKeyRule;
using enum ScriptEncipherment;
using enum PinChangeBlock;

// The short contactless version 17 has no scripts; those of the common core application are not
// known for certain.
constexpr ScriptRules kRules[] = {
    {"visa-cvn10", counter, length_first, bound_to_key},
    {"visa-cvn18", counter, length_first, bound_to_key},
    // MED: as version 18.
    {"visa-cvn22", counter, length_first, bound_to_key},
    {"mchip-16", cryptogram, whole_blocks, format_2},
    {"mchip-17", cryptogram, whole_blocks, format_2},
    {"mchip-20", cryptogram, whole_blocks, format_2},
    {"mchip-21", cryptogram, whole_blocks, format_2},
};

}  // namespace

std::span<const ScriptRules> script_rules() {
  return kRules;
}

const ScriptRules* find_script_rules(std::string_view version) {
  const auto* found = std::ranges::find(kRules, version, &ScriptRules::version);
  return found == std::end(kRules) ? nullptr : found;
}

}  // namespace emvcrypto

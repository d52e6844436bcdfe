#include <algorithm>

#include "kpd/inspect/dictionary.h"

namespace kpd::inspect {
namespace {

struct DgiMeaning {
  cps::DgiId id;
  std::string_view text;
};

constexpr DgiMeaning kMeanings[] = {
    {0x0062, "file control parameters: creates files"},
    {0x0D01, "internal data for GET DATA and PUT DATA"},
    {0x0E01, "internal data"},
    {0x3000, "internal data"},
    {0x3001, "further internal data"},
    {0x5101, "answer to SELECT"},
    {0x5111, "answer to SELECT, contactless"},
    {0x7FFF, "completion"},
    {0x8000, "symmetric keys"},
    {0x8001, "symmetric keys, second set"},
    {0x8010, "reference PIN block"},
    {0x8101, "ICC key: private exponent"},
    {0x8102, "PIN encipherment key: private exponent"},
    {0x8103, "ICC key: modulus"},
    {0x8104, "PIN encipherment key: modulus"},
    {0x8105, "ICC key: ECC private key"},
    {0x8106, "PIN encipherment key: ECC private key"},
    {0x8201, "ICC key: q^-1 mod p"},
    {0x8202, "ICC key: d mod (q - 1)"},
    {0x8203, "ICC key: d mod (p - 1)"},
    {0x8204, "ICC key: q"},
    {0x8205, "ICC key: p"},
    {0x8301, "PIN encipherment key: q^-1 mod p"},
    {0x8302, "PIN encipherment key: d mod (q - 1)"},
    {0x8303, "PIN encipherment key: d mod (p - 1)"},
    {0x8304, "PIN encipherment key: q"},
    {0x8305, "PIN encipherment key: p"},
    {0x8400, "further symmetric keys"},
    {0x9010, "PIN tries"},
    {0x9102, "answer to SELECT"},
    {0x9103, "answer to SELECT, contactless"},
    {0x9104, "answer to GET PROCESSING OPTIONS"},
    {0x9105, "answer to GET PROCESSING OPTIONS, alternative"},
    {0x9200, "issuer application data"},
    {0x9207, "answer to GET PROCESSING OPTIONS, contactless, with authentication"},
    {0xA005, "AIP and AFL"},
    {0xA006, "key for ICC dynamic numbers"},
    {0xA016, "key for ICC dynamic numbers, contactless"},
    {0xB005, "AIP and AFL, contactless"},
    {0xB010, "initial values for dynamic codes"},
};
static_assert(std::ranges::is_sorted(kMeanings, {}, &DgiMeaning::id));

}  // namespace

std::string_view dgi_text(cps::DgiId id) {
  const auto* found = std::ranges::lower_bound(kMeanings, id, {}, &DgiMeaning::id);
  return found != std::end(kMeanings) && found->id == id ? found->text : std::string_view();
}

}  // namespace kpd::inspect

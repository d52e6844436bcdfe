#include "kpd/plan/field_types.h"

#include <algorithm>
#include <array>

namespace kpd {
namespace {

constexpr std::size_t kLongestFile = 32 * 1024;  ///< bytes: twice as many digits in the field

using enum FieldType;

constexpr std::array kTypes{
    FieldTypeInfo{"n", n, 0, 256, 0, 256, ""},
    FieldTypeInfo{"an", an, 0, 256, 0, 256, ""},
    FieldTypeInfo{"ans", ans, 0, 4096, 0, 4096, ""},
    FieldTypeInfo{"b", b, 0, 65536, 0, 65536, ""},
    FieldTypeInfo{"pan", pan, 12, 19, 12, 19, ""},
    FieldTypeInfo{"date", date, 6, 10, 0, 10, "YYMMDD"},
    FieldTypeInfo{"date-yymmdd", date, 6, 6, 6, 6, "YYMMDD"},
    FieldTypeInfo{"expiry", expiry, 4, 7, 0, 7, "YYMM"},
    FieldTypeInfo{"expiry-yymm", expiry, 4, 4, 4, 4, "YYMM"},
    FieldTypeInfo{"service-code", service_code, 3, 3, 3, 3, ""},
    FieldTypeInfo{"country", country, 2, 3, 2, 3, ""},
    FieldTypeInfo{"currency", currency, 3, 3, 3, 3, ""},
    FieldTypeInfo{"language", language, 2, 2, 2, 2, ""},
    FieldTypeInfo{"name", name, 2, 26, 2, 26, ""},
    FieldTypeInfo{"emboss", emboss, 0, 64, 0, 27, ""},
    FieldTypeInfo{"amount", amount, 1, 18, 1, 12, ""},
    FieldTypeInfo{"pin-block", pin_block, 16, 32, 16, 16, ""},
    FieldTypeInfo{"product", product, 1, 64, 1, 64, ""},
    FieldTypeInfo{"choice", choice, 0, 256, 0, 256, ""},
    FieldTypeInfo{"file", file, 0, kLongestFile, 1, kLongestFile, ""},
};

}  // namespace

std::span<const FieldTypeInfo> field_types() {
  return kTypes;
}

const FieldTypeInfo* find_field_type(std::string_view wanted) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(),
                                  [&](const FieldTypeInfo& info) { return info.name == wanted; });
  return found == kTypes.end() ? nullptr : &*found;
}

}  // namespace kpd

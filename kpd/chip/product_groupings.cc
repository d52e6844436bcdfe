/// Groupings that belong to a product rather than to EMV CPS: some are positional and known, the
/// others are kept as they come.
#include "kpd/chip/des.h"
#include "kpd/chip/payment_application.h"

namespace kpd::chip {
namespace {

constexpr DgiId kFci = 0x5101, kContactlessFci = 0x5111;
constexpr DgiId kOptions = 0xA005, kContactlessOptions = 0xB005;
constexpr DgiId kContactNumberKey = 0xA006;  // taken without product groupings as well: load.cc
constexpr DgiId kNumberKey = 0xA016;
constexpr DgiId kContactlessKeys = 0x8001, kContactlessCheckValues = 0x9103;
constexpr DgiId kCodeKey = 0x8400, kOtherCodeKey = 0x8401, kCodeValues = 0xB010;
constexpr std::size_t kKeyLength = 16;

bool is_product_range(DgiId id) {
  return id >> 8 >= 0xA0 && id >> 8 < 0xC0 && id != kContactNumberKey;
}

}  // namespace

DgiKind PaymentApplication::product_kind_of(DgiId id) const {
  if (!config_.product_groupings) return DgiKind::unknown;
  switch (id) {
    case kNumberKey:
    case kContactlessKeys:
    case kCodeKey:
    case kOtherCodeKey:
      return DgiKind::secret;
    case kFci:
    case kContactlessFci:
    case kContactlessCheckValues:
      return DgiKind::clear;
    default:
      return is_product_range(id) ? DgiKind::clear : DgiKind::unknown;
  }
}

Status PaymentApplication::load_product(DgiId id, ByteView value) {
  PaymentData::Contactless& own = data_.contactless;
  switch (id) {
    case kFci:
    case kContactlessFci:
      return load_fci(value, id == kFci ? data_.fci : own.fci);
    case kOptions:
      return load_positional_options(value, data_.aip, data_.afl);
    case kContactlessOptions:
      return load_positional_options(value, own.aip, own.afl);
    case kNumberKey:
      return load_key(value, own.number_key);
    case kCodeKey:
      return load_key(value, own.code_key);
    case kOtherCodeKey:
      return load_key(value, own.other_code_key);
    case kContactlessKeys:
      if (value.size() != 3 * kKeyLength) return sw::wrong_data;
      own.keys = Secret(value);
      own.keys_checked = false;
      return sw::ok;
    case kContactlessCheckValues:
      return check_contactless_keys(value);
    case kCodeValues:
      if (value.size() != 4) return sw::wrong_data;
      own.code_values.assign(value.begin(), value.end());
      return sw::ok;
    default:
      data_.product[id] = Bytes(value.begin(), value.end());
      return sw::ok;
  }
}

Status PaymentApplication::load_key(ByteView value, Secret& key) {
  if (value.size() != kKeyLength) return sw::wrong_data;
  key = Secret(value);
  return sw::ok;
}

Status PaymentApplication::check_contactless_keys(ByteView value) {
  PaymentData::Contactless& own = data_.contactless;
  if (own.keys.empty()) return sw::wrong_data;
  Bytes expected;
  for (ByteView rest = own.keys.expose(); !rest.empty(); rest = rest.subspan(kKeyLength))
    emvcrypto::append(expected, check_value(Secret(rest.first(kKeyLength))));
  own.keys_checked = same_bytes(expected, value);
  return own.keys_checked ? sw::ok : sw::wrong_data;
}

/// AIP(2) | AFL without tags.
Status PaymentApplication::load_positional_options(ByteView value, Bytes& aip, Bytes& afl) {
  if (value.size() < 6 || !is_afl(value.subspan(2))) return sw::wrong_data;
  aip.assign(value.begin(), value.begin() + 2);
  afl.assign(value.begin() + 2, value.end());
  return sw::ok;
}

}  // namespace kpd::chip

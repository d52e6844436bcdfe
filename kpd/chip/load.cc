/// Data groupings of a payment application (EMV CPS 1.1, Annex A).
#include <algorithm>

#include "kpd/chip/des.h"
#include "kpd/chip/payment_application.h"
#include "kpd/chip/pin_block.h"

namespace kpd::chip {

/// A grouping's identifier, whether it is secret, and what takes its value.
struct PaymentApplication::Loader {
  DgiId id;
  DgiKind kind;
  Status (*load)(PaymentApplication& app, ByteView value);
};

namespace {

/// Tags of fixed length among the internal data; every other tag may have any length.
struct FixedLength {
  Tag tag;
  std::size_t length;
};
constexpr FixedLength kFixedLengths[] = {
    {0x9F13, 2}, {0x9F14, 1}, {0x9F17, 1}, {0x9F23, 1}, {0x9F36, 2}, {0x9F51, 2},
    {0x9F53, 1}, {0x9F54, 6}, {0x9F56, 1}, {0x9F58, 1}, {0x9F59, 1}, {0x9F72, 1},
};

/// Where each part of an RSA key goes.
struct RsaRow {
  DgiId id;
  RsaCardKey PaymentData::*key;
  RsaCardKey::Part part;
};
using Part = RsaCardKey::Part;
constexpr RsaRow kRsaRows[] = {
    {0x8101, &PaymentData::icc_key, Part::exponent},
    {0x8103, &PaymentData::icc_key, Part::modulus},
    {0x8201, &PaymentData::icc_key, Part::qinv},
    {0x8202, &PaymentData::icc_key, Part::dq},
    {0x8203, &PaymentData::icc_key, Part::dp},
    {0x8204, &PaymentData::icc_key, Part::q},
    {0x8205, &PaymentData::icc_key, Part::p},
    {0x8102, &PaymentData::pin_key, Part::exponent},
    {0x8104, &PaymentData::pin_key, Part::modulus},
    {0x8301, &PaymentData::pin_key, Part::qinv},
    {0x8302, &PaymentData::pin_key, Part::dq},
    {0x8303, &PaymentData::pin_key, Part::dp},
    {0x8304, &PaymentData::pin_key, Part::q},
    {0x8305, &PaymentData::pin_key, Part::p},
};

template <typename Row, std::size_t size>
const Row* find_row(const Row (&rows)[size], DgiId id) {
  const Row* const found =
      std::find_if(rows, rows + size, [&](const Row& row) { return row.id == id; });
  return found == rows + size ? nullptr : found;
}

constexpr std::size_t kKeyLength = 16;
constexpr std::uint8_t kMostTries = 15;

bool is_fixed_otherwise(Tag tag, std::size_t length) {
  return std::any_of(
      std::begin(kFixedLengths), std::end(kFixedLengths),
      [&](const FixedLength& row) { return row.tag == tag && row.length != length; });
}

}  // namespace

bool PaymentApplication::is_afl(ByteView afl) {
  if (afl.empty() || afl.size() % 4 != 0) return false;
  for (; !afl.empty(); afl = afl.subspan(4)) {
    const int sfi = afl[0] >> 3;
    if ((afl[0] & 7) != 0 || sfi < 1 || sfi > 30 || afl[1] == 0 || afl[2] < afl[1] ||
        afl[3] > afl[2] - afl[1] + 1)
      return false;
  }
  return true;
}

const PaymentApplication::Loader* PaymentApplication::find_loader(DgiId id) {
  using App = PaymentApplication;
  constexpr auto clear = DgiKind::clear;
  constexpr auto secret = DgiKind::secret;
  static constexpr Loader kLoaders[] = {
      {kCompletionDgi, clear, [](App&, ByteView) { return sw::ok; }},
      {0x3000, clear, [](App& app, ByteView v) { return app.load_objects(v, false); }},
      {0x3001, clear, [](App& app, ByteView v) { return app.load_objects(v, false); }},
      {0x0D01, clear, [](App& app, ByteView v) { return app.load_objects(v, true); }},
      {0x0E01, clear, [](App& app, ByteView v) { return app.load_objects(v, false); }},
      {0x8000, secret, [](App& app, ByteView v) { return app.load_keys(v); }},
      {0x9000, clear, [](App& app, ByteView v) { return app.load_check_values(v); }},
      {kPinBlockDgi, secret, [](App& app, ByteView v) { return app.load_pin(v); }},
      {0x9010, clear, [](App& app, ByteView v) { return app.load_pin_counters(v); }},
      {0x9104, clear, [](App& app, ByteView v) { return app.load_options(v); }},
      {0x9200, clear, [](App& app, ByteView v) { return app.load_issuer_data(v); }},
      {0x9102, clear, [](App& app, ByteView v) { return load_fci(v, app.data_.fci); }},
      {0x9103, clear, [](App& app, ByteView v) { return load_fci(v, app.data_.contactless.fci); }},
      {0x9207, clear, [](App& app, ByteView v) { return app.load_contactless_options(v); }},
      {0xA006, secret,
       [](App& app, ByteView v) { return load_key(v, app.data_.dynamic_number_key); }},
  };
  return find_row(kLoaders, id);
}

DgiKind PaymentApplication::kind_of(DgiId id) const {
  if (const DgiKind kind = product_kind_of(id); kind != DgiKind::unknown) return kind;
  if (const Loader* loader = find_loader(id)) return loader->kind;
  if (find_row(kRsaRows, id) != nullptr) return DgiKind::secret;
  return Records::names_record(id) ? DgiKind::clear : DgiKind::unknown;
}

Status PaymentApplication::load(DgiId id, ByteView value) {
  if (product_kind_of(id) != DgiKind::unknown) return load_product(id, value);
  if (const Loader* loader = find_loader(id)) return loader->load(*this, value);
  if (const RsaRow* row = find_row(kRsaRows, id)) {
    (data_.*row->key).load(row->part, value);
    return value.empty() ? sw::wrong_data : sw::ok;
  }
  return Records::names_record(id) ? data_.records.load(id, value) : sw::data_not_found;
}

Status PaymentApplication::load_objects(ByteView value, bool readable) {
  const auto objects = emvcrypto::parse_tlv_list(value);
  if (!objects || objects->empty()) return sw::wrong_data;
  for (const auto& object : *objects) {
    if (is_fixed_otherwise(object.tag, object.value.size())) return sw::wrong_data;
    if (const Status status = load_object(object.tag, object.value); status != sw::ok)
      return status;
    if (readable) data_.readable.insert(object.tag);
  }
  return sw::ok;
}

Status PaymentApplication::load_object(Tag tag, ByteView value) {
  const auto number = [&] { return static_cast<std::uint16_t>(emvcrypto::to_number(value)); };
  switch (tag) {
    case 0x9F36:
      data_.atc = number();
      break;
    case 0x9F13:
      data_.last_online_atc = number();
      break;
    case 0x9F17:
      if (value[0] > kMostTries) return sw::wrong_data;
      data_.pin.tries = value[0];
      break;
    case 0x9F10:
      return load_issuer_data(emvcrypto::make_tlv(tag, value));
    default:
      data_.objects[tag] = Bytes(value.begin(), value.end());
  }
  return sw::ok;
}

Status PaymentApplication::load_fci(ByteView value, Bytes& fci) {
  if (!is_fci_template(value)) return sw::wrong_data;
  fci.assign(value.begin(), value.end());
  return sw::ok;
}

Status PaymentApplication::load_keys(ByteView value) {
  if (value.size() != 3 * kKeyLength) return sw::wrong_data;
  data_.ac_key = Secret(value.first(kKeyLength));
  data_.smi_key = Secret(value.subspan(kKeyLength, kKeyLength));
  data_.smc_key = Secret(value.last(kKeyLength));
  data_.keys_checked = false;
  return sw::ok;
}

Status PaymentApplication::load_check_values(ByteView value) {
  if (data_.ac_key.empty()) return sw::wrong_data;
  const Bytes expected = emvcrypto::concat(
      {check_value(data_.ac_key), check_value(data_.smi_key), check_value(data_.smc_key)});
  data_.keys_checked = same_bytes(expected, value);
  return data_.keys_checked ? sw::ok : sw::wrong_data;
}

Status PaymentApplication::load_pin(ByteView value) {
  auto block = reference_pin_block(value);
  if (!block) return sw::wrong_data;
  data_.pin.block = *std::move(block);
  return sw::ok;
}

Status PaymentApplication::load_pin_counters(ByteView value) {
  if (value.size() != 2 || value[1] == 0 || value[1] > kMostTries || value[0] > value[1])
    return sw::wrong_data;
  data_.pin.tries = value[0];
  data_.pin.limit = value[1];
  data_.pin.has_counters = true;
  return sw::ok;
}

Status PaymentApplication::load_options(ByteView value) {
  const auto objects = emvcrypto::parse_tlv_list(value);
  if (!objects || objects->size() != 2) return sw::wrong_data;
  const auto aip = emvcrypto::find_tlv(value, 0x82);
  const auto afl = emvcrypto::find_tlv(value, 0x94);
  if (!aip || aip->size() != 2 || !afl || !is_afl(*afl)) return sw::wrong_data;
  data_.aip.assign(aip->begin(), aip->end());
  data_.afl.assign(afl->begin(), afl->end());
  return sw::ok;
}

Status PaymentApplication::load_issuer_data(ByteView value) {
  const auto object = emvcrypto::next_tlv(value);
  if (!object || object->tag != 0x9F10 || !value.empty()) return sw::wrong_data;
  if (!is_issuer_data(config_.iad, object->value)) return sw::wrong_data;
  data_.issuer_data.assign(object->value.begin(), object->value.end());
  return sw::ok;
}

}  // namespace kpd::chip

#include "kpd/plan/value_size.h"

namespace kpd {
namespace {

constexpr std::size_t kRemainderOverhead = 42;  // of an ICC certificate (EMV 4.4 Book 2, Table 14)

SizeRange exactly(std::size_t size) {
  return {size, size};
}

/// What stays of a field's text once it is checked (FieldType).
SizeRange kept_size(const FieldPlan& field) {
  constexpr std::size_t kShortDate = 6, kLongDate = 8, kMonth = 4, kCode = 3;
  switch (field.type) {
    case FieldType::date:
      return exactly(field.keep_century ? kLongDate : kShortDate);
    case FieldType::expiry:
      return exactly(kMonth);
    case FieldType::country:
    case FieldType::currency:
    case FieldType::service_code:
      return exactly(kCode);
    case FieldType::amount:
      return {1, std::nullopt};
    case FieldType::file:
      return {2 * field.min_length, 2 * field.max_length};
    default:
      break;
  }
  if (field.max_length == 0 || field.transliterate) return {0, std::nullopt};
  return {field.min_length, field.max_length};
}

SizeRange field_size(FieldId id, const Plan& plan, const CardPlan& card) {
  if (id < plan.fields.size()) {
    SizeRange size = kept_size(plan.fields[id]);
    if (!plan.fields[id].required) size.least = 0;
    return size;
  }
  const std::size_t value = id - plan.fields.size();
  if (value >= card.values.size()) return {};
  switch (card.values[value].kind) {
    case ValuePlan::Kind::cvv:
      return exactly(3);
    case ValuePlan::Kind::pvv:
      return exactly(4);
    case ValuePlan::Kind::offset:
      return exactly(card.values[value].ibm3624.length);
  }
  return {};
}

SizeRange halved(SizeRange characters) {
  characters.least = (characters.least + 1) / 2;
  if (characters.most) characters.most = (*characters.most + 1) / 2;
  return characters;
}

/// Tag 57: PAN, separator, expiry, service code and what follows (EMV 4.4 Book 3, Annex A).
SizeRange track2_size(const SizeRange& discretionary, const Plan& plan, const CardPlan& card) {
  SizeRange digits = field_size(plan.roles.pan, plan, card);
  constexpr std::size_t kFixed = 1 + 4 + 3;
  digits.least += kFixed + discretionary.least;
  if (digits.most && discretionary.most)
    digits.most = *digits.most + kFixed + *discretionary.most;
  else
    digits.most.reset();
  return halved(digits);
}

SizeRange signed_size(Signed kind, const ApplicationPlan& application, const IssuerPlan* issuer) {
  const std::size_t key = issuer != nullptr ? issuer->key.size() : 0;
  const auto remainder = [&](const std::optional<RsaPairPlan>& pair) {
    return exactly(pair ? pair->bits / 8 + kRemainderOverhead - key : 0);
  };
  switch (kind) {
    case Signed::icc_remainder:
      return remainder(application.icc_key);
    case Signed::pin_remainder:
      return remainder(application.pin_key);
    default:
      return exactly(key);
  }
}

}  // namespace

SizeRange text_size(const TextTemplate& text, const Plan& plan, const CardPlan& card) {
  SizeRange size = exactly(0);
  for (const TextPart& part : text) {
    SizeRange next = exactly(part.literal.size());
    if (part.field) next = field_size(*part.field, plan, card);
    if (part.expression) next = {};
    size.least += next.least;
    if (size.most && next.most)
      size.most = *size.most + *next.most;
    else
      size.most.reset();
  }
  return size;
}

SizeRange element_size(const ElementPlan& element, const ApplicationPlan& application,
                       const IssuerPlan* issuer, const Plan& plan, const CardPlan& card) {
  if (element.made_by_signing != Signed::none)
    return signed_size(element.made_by_signing, application, issuer);
  if (element.constant) return exactly(element.value.size());
  if (element.ivcvc3) return exactly(2);
  const SizeRange text = text_size(element.text, plan, card);
  switch (element.conversion) {
    case Conversion::n:
      return exactly(element.width);
    case Conversion::cn:
      return element.width > 0 ? exactly(element.width) : halved(text);
    case Conversion::date_end:
      return exactly(3);
    case Conversion::currency_exponent:
      return exactly(1);
    case Conversion::track2:
      return track2_size(text, plan, card);
    case Conversion::hex:
      return halved(text);
    case Conversion::text:
      break;
  }
  return text;
}

}  // namespace kpd

#include "kpd/stages/elements.h"

#include <stdexcept>

#include "emvcrypto/tags.h"
#include "emvcrypto/tracks.h"
#include "kpd/intake/codes.h"

namespace kpd {
namespace {

constexpr Tag kRecordTemplate = 0x70;

Bytes convert(const ElementPlan& element, const std::string& text, const pb::Card& card,
              const Plan& plan) {
  switch (element.conversion) {
    case Conversion::text:
      return Bytes(text.begin(), text.end());
    case Conversion::hex:
      return emvcrypto::from_hex(text);
    case Conversion::n:
      return emvcrypto::numeric(text, element.width);
    case Conversion::cn:
      return emvcrypto::compressed_numeric(
          text, element.width > 0 ? element.width : (text.size() + 1) / 2);
    case Conversion::date_end: {
      const auto date = emvcrypto::parse_yymm_end(text);
      if (!date) throw std::invalid_argument("not a date YYMM");
      return emvcrypto::from_hex(date->yymmdd());
    }
    case Conversion::currency_exponent:
      if (const auto exponent = currency_exponent(text))
        return {static_cast<std::uint8_t>(*exponent)};
      throw std::invalid_argument("not a currency of ISO 4217");
    case Conversion::track2:
      return emvcrypto::track2_equivalent({field_of(card, plan.roles.pan),
                                           {},
                                           field_of(card, plan.roles.expiry),
                                           field_of(card, *plan.roles.service_code),
                                           text});
  }
  return {};
}

}  // namespace

emvcrypto::Expected<Bytes> make_element(const ElementPlan& element, const pb::Card& card,
                                        const Plan& plan) {
  if (element.constant) return element.value;
  Bytes value;
  try {
    const auto text = expand(element.text, card);
    if (!text)
      return emvcrypto::fault(text.error().code,
                              emvcrypto::tag_name(element.tag) + ": " + text.error().reason);
    if (text->empty())
      return emvcrypto::fault("element",
                              emvcrypto::tag_name(element.tag) +
                                  ": the record's field is empty, but the card needs it");
    value = convert(element, *text, card, plan);
  } catch (const std::invalid_argument& wrong) {
    return emvcrypto::fault("element", emvcrypto::tag_name(element.tag) + ": " + wrong.what());
  }
  const emvcrypto::TagInfo* info = emvcrypto::find_tag_info(element.tag);
  if (info != nullptr && (value.size() < info->min_length || value.size() > info->max_length))
    return emvcrypto::fault("element", emvcrypto::tag_name(element.tag) + ": " +
                                           std::to_string(value.size()) +
                                           " bytes are not what this data element has");
  return value;
}

void append_content(Bytes& to, const std::vector<TlvPlan>& content, const pb::Application& values) {
  for (const TlvPlan& item : content) {
    if (item.element) {
      emvcrypto::append_tlv(to, item.tag,
                            view_of(values.elements(static_cast<int>(*item.element))));
      continue;
    }
    Bytes inner;
    append_content(inner, item.children, values);
    emvcrypto::append_tlv(to, item.tag, inner);
  }
}

const pb::Dgi* given_dgi(const pb::Application& values, cps::DgiId id) {
  for (const pb::Dgi& given : values.given())
    if (given.id() == id) return &given;
  return nullptr;
}

Bytes make_record(const RecordPlan& record, const pb::Application& values) {
  if (const pb::Dgi* given = given_dgi(values, record.dgi()))
    return Bytes(given->value().begin(), given->value().end());
  Bytes content;
  append_content(content, record.content, values);
  return emvcrypto::make_tlv(kRecordTemplate, content);
}

ByteView element_value(const ApplicationPlan& plan, const pb::Application& values, Tag tag) {
  for (std::size_t i = 0; i < plan.elements.size(); ++i)
    if (plan.elements[i].tag == tag && !plan.elements[i].only_here)
      return view_of(values.elements(static_cast<int>(i)));
  return {};
}

}  // namespace kpd

#include "kpd/intake/field_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/pan.h"
#include "emvcrypto/tracks.h"
#include "kpd/intake/codes.h"

namespace kpd {
namespace {

using emvcrypto::Fault;
using Check = std::optional<Fault>;

bool all_of(std::string_view text, bool (*allowed)(char)) {
  return std::all_of(text.begin(), text.end(), allowed);
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_an(char c) {
  return is_digit(c) || is_letter(c);
}
bool is_ans(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
}

Check require(bool right, std::string code, std::string reason) {
  if (right) return std::nullopt;
  return Fault{std::move(code), std::move(reason)};
}

Check check_pan(std::string_view text) {
  if (!all_of(text, is_digit)) return Fault{"format", "the PAN holds something other than digits"};
  return require(emvcrypto::luhn_valid(text), "luhn", "the PAN's check digit is wrong");
}

Check check_month(std::string_view digits) {
  const int month = (digits[2] - '0') * 10 + (digits[3] - '0');
  return require(month >= 1 && month <= 12, "month", fmt::format("there is no month {:02}", month));
}

Check check_date(std::string_view text) {
  if (!all_of(text, is_digit)) return Fault{"format", "a date is six digits, YYMMDD"};
  if (auto wrong = check_month(text)) return wrong;
  return require(emvcrypto::parse_yymmdd(text).has_value(), "day",
                 fmt::format("that month has no day {}", text.substr(4)));
}

Check check_expiry(std::string_view text) {
  if (!all_of(text, is_digit)) return Fault{"format", "an expiry date is four digits, YYMM"};
  return check_month(text);
}

// ISO/IEC 7813: interchange, authorisation, services and PIN.
Check check_service_code(std::string_view text) {
  constexpr std::string_view kFirst = "125679", kSecond = "024", kThird = "01234567";
  return require(kFirst.find(text[0]) != kFirst.npos && kSecond.find(text[1]) != kSecond.npos &&
                     kThird.find(text[2]) != kThird.npos,
                 "service-code", "this is no service code of ISO/IEC 7813");
}

Check check_type(FieldType type, std::string_view text, const Plan& plan) {
  switch (type) {
    case FieldType::n:
      return require(all_of(text, is_digit), "format", "only digits may stand here");
    case FieldType::an:
      return require(all_of(text, is_an), "format", "only letters and digits may stand here");
    case FieldType::ans:
      return require(all_of(text, is_ans), "format", "a control character stands here");
    case FieldType::hex:
      return require(emvcrypto::parse_hex(text).has_value(), "format", "this is not hexadecimal");
    case FieldType::pan:
      return check_pan(text);
    case FieldType::date_yymmdd:
      return check_date(text);
    case FieldType::expiry_yymm:
      return check_expiry(text);
    case FieldType::service_code:
      return check_service_code(text);
    case FieldType::country:
      return require(is_country_code(text), "country", "this is no country of ISO 3166 (numeric)");
    case FieldType::currency:
      return require(is_currency_code(text), "currency",
                     "this is no currency of ISO 4217 (numeric)");
    case FieldType::language:
      return require(
          std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; }),
          "language", "a language is two small letters (ISO 639-1)");
    case FieldType::name:
      return require(emvcrypto::is_track1_name(text), "name-character",
                     "the name holds a character that track 1 cannot carry");
    case FieldType::pin_block:
      return require(emvcrypto::parse_hex(text).has_value(), "pin-hex",
                     "the enciphered PIN block is not hexadecimal");
    case FieldType::product:
      return require(plan.products.contains(text), "product", "the job has no such product");
  }
  return std::nullopt;
}

/// Faults that carry the field's own name where its meaning is settled.
std::string length_code(const FieldPlan& field) {
  switch (field.type) {
    case FieldType::name:
      return "name-length";
    case FieldType::service_code:
      return "service-code";
    case FieldType::country:
      return "country";
    case FieldType::currency:
      return "currency";
    case FieldType::language:
      return "language";
    case FieldType::pin_block:
      return "pin-hex";
    default:
      return "length";
  }
}

}  // namespace

std::optional<FieldFault> check_field(const FieldPlan& field, std::string_view text,
                                      const Plan& plan) {
  if (text.empty()) {
    if (!field.required) return std::nullopt;
    return FieldFault{field.name, {"missing", "the field is empty"}};
  }
  if (text.size() < field.min_length || text.size() > field.max_length)
    return FieldFault{
        field.name,
        {length_code(field), fmt::format("{} characters; {} to {} are allowed", text.size(),
                                         field.min_length, field.max_length)}};
  if (auto wrong = check_type(field.type, text, plan)) return FieldFault{field.name, *wrong};
  return std::nullopt;
}

std::optional<FieldFault> check_record(const Plan& plan,
                                       const std::function<std::string_view(FieldId)>& field) {
  const auto expiry = emvcrypto::parse_yymm_end(field(plan.roles.expiry));
  if (plan.roles.effective) {
    const auto effective = emvcrypto::parse_yymmdd(field(*plan.roles.effective));
    if (effective && expiry && *effective > *expiry)
      return FieldFault{plan.fields[*plan.roles.effective].name,
                        {"dates-order", "the card would be valid only after it has expired"}};
  }
  if (expiry && *expiry < plan.date)
    return FieldFault{plan.fields[plan.roles.expiry].name,
                      {"expired", "the card has expired on the job's date"}};
  return std::nullopt;
}

}  // namespace kpd

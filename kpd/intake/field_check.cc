#include "kpd/intake/field_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/pan.h"
#include "emvcrypto/tracks.h"
#include "kpd/intake/amount.h"
#include "kpd/intake/codes.h"
#include "kpd/intake/content_file.h"
#include "kpd/intake/date_field.h"

namespace kpd {
namespace {

using emvcrypto::fault;
using Text = emvcrypto::Expected<std::string>;

bool all_of(std::string_view text, bool (*allowed)(char)) {
  return std::all_of(text.begin(), text.end(), allowed);
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_an(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_ans(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F;
}
bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
}

Text keep_if(bool right, std::string&& text, const char* code, const char* reason) {
  if (right) return std::move(text);
  return fault(code, reason);
}

Text keep_code(std::string_view numeric, const char* code, const char* reason) {
  if (!numeric.empty()) return std::string(numeric);
  return fault(code, reason);
}

std::optional<emvcrypto::Fault> check_length(const FieldPlan& field, std::string_view text,
                                             const char* code) {
  const auto size =
      static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
  if (size >= field.min_length && size <= field.max_length) return std::nullopt;
  if (field.min_length == field.max_length)
    return emvcrypto::Fault{code,
                            fmt::format("{} characters; there must be {}", size, field.min_length)};
  return emvcrypto::Fault{code, fmt::format("{} characters; {} to {} are allowed", size,
                                            field.min_length, field.max_length)};
}

Text read_pan(std::string text) {
  if (!all_of(text, is_digit)) return fault("format", "the PAN holds something other than digits");
  return keep_if(emvcrypto::luhn_valid(text), std::move(text), "luhn",
                 "the PAN's check digit is wrong");
}

// ISO/IEC 7813: interchange and technology, authorisation, services and PIN.
Text read_service_code(const FieldPlan& field, std::string text) {
  constexpr std::string_view kFirst = "125679", kSecond = "024", kThird = "01234567";
  if (text.size() != 3 || kFirst.find(text[0]) == kFirst.npos ||
      kSecond.find(text[1]) == kSecond.npos || kThird.find(text[2]) == kThird.npos)
    return fault("service-code", "this is no service code of ISO/IEC 7813");
  return keep_if(!field.chip || text[0] == '2' || text[0] == '6', std::move(text), "service-code",
                 "the service code of a card with a chip begins with 2 or 6");
}

Text read_content(const FieldPlan& field, const std::string& name) {
  auto content = read_content_file(field.folder, name, field.max_length);
  if (!content) return tl::unexpected(std::move(content.error()));
  if (!*content) {
    if (field.file_may_be_missing) return std::string();
    return fault("file", "the folder has no file of this name");
  }
  if ((*content)->size() < field.min_length)
    return fault("file-size", fmt::format("the file has less than {} bytes", field.min_length));
  return emvcrypto::to_hex(**content);
}

Text read_amount_field(const FieldPlan& field, const std::string& text,
                       const FieldLookup& earlier) {
  std::size_t decimals = field.decimals;
  if (field.currency) {
    const auto exponent = currency_exponent(earlier(*field.currency));
    if (!exponent) return fault("currency", "the currency of this amount is not known");
    decimals = static_cast<std::size_t>(*exponent);
  }
  auto amount = read_amount(text, decimals);
  if (!amount) return amount;
  if (auto wrong = check_length(field, *amount, "length")) return tl::unexpected(std::move(*wrong));
  return amount;
}

/// The length code of types whose meaning has one; null where length is checked otherwise.
const char* length_code(FieldType type) {
  switch (type) {
    case FieldType::n:
    case FieldType::an:
    case FieldType::ans:
    case FieldType::b:
    case FieldType::pan:
    case FieldType::emboss:
      return "length";
    case FieldType::name:
      return "name-length";
    case FieldType::pin_block:
      return "pin-hex";
    default:
      return nullptr;
  }
}

}  // namespace

Text read_field(const FieldPlan& field, std::string text, const Plan& plan,
                const FieldLookup& earlier) {
  if (text.empty()) {
    if (!field.required) return text;
    return fault("missing", "the field is empty");
  }
  if (const char* code = length_code(field.type))
    if (auto wrong = check_length(field, text, code)) return tl::unexpected(std::move(*wrong));
  switch (field.type) {
    case FieldType::n:
      return keep_if(all_of(text, is_digit), std::move(text), "format",
                     "only digits may stand here");
    case FieldType::an:
      return keep_if(all_of(text, is_an), std::move(text), "format",
                     "only letters and digits may stand here");
    case FieldType::ans:
      return keep_if(all_of(text, is_ans), std::move(text), "format",
                     "a control character stands here");
    case FieldType::b:
      return keep_if(emvcrypto::parse_hex(text).has_value(), std::move(text), "format",
                     "this is not hexadecimal");
    case FieldType::pan:
      return read_pan(std::move(text));
    case FieldType::date:
    case FieldType::expiry:
      return read_date_field(field, text, plan, earlier);
    case FieldType::service_code:
      return read_service_code(field, std::move(text));
    case FieldType::country:
      return keep_code(country_code(text), "country", "this is no country of ISO 3166");
    case FieldType::currency:
      return keep_code(currency_code(text), "currency", "this is no currency of ISO 4217");
    case FieldType::language:
      return keep_if(is_language_code(text), std::move(text), "language",
                     "a language is two small letters of ISO 639-1");
    case FieldType::name:
      return keep_if(emvcrypto::is_track1_name(text), std::move(text), "name-character",
                     "the name holds a character that track 1 cannot carry");
    case FieldType::emboss:
      return keep_if(text.find_first_not_of(field.characters) == text.npos, std::move(text),
                     "emboss-character", "a character stands here that the embosser has not");
    case FieldType::amount:
      return read_amount_field(field, text, earlier);
    case FieldType::pin_block:
      return keep_if(emvcrypto::parse_hex(text).has_value(), std::move(text), "pin-hex",
                     "the enciphered PIN block is not hexadecimal");
    case FieldType::product:
      return keep_if(plan.products.contains(text), std::move(text), "product",
                     "the job has no such product");
    case FieldType::choice:
      return keep_if(
          std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end(),
          std::move(text), "choice", "this is none of what the job allows");
    case FieldType::file:
      return read_content(field, text);
  }
  return text;
}

}  // namespace kpd

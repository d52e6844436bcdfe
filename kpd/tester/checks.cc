#include "kpd/tester/checks.h"

#include <algorithm>

#include "emvcrypto/pan.h"
#include "emvcrypto/tags.h"
#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Format;

/// Book 3, 7.2 (table 26).
constexpr emvcrypto::Tag kMandatory[] = {tags::kPan, tags::kExpiry, tags::kCdol1, tags::kCdol2};

bool is_decimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool format_holds(Format format, emvcrypto::ByteView value) {
  switch (format) {
    case Format::numeric:
      return is_decimal(emvcrypto::to_hex(value));
    case Format::compressed_numeric:
      return digits_of(value).has_value();
    case Format::dol:
      return emvcrypto::parse_dol(value).has_value();
    default:
      return true;
  }
}

void check_formats(ApplicationVisit& app) {
  for (const auto& [tag, object] : app.data.objects()) {
    const auto* info = emvcrypto::find_tag_info(tag);
    if (!info) continue;
    const std::string place = object.where + " tag " + emvcrypto::tag_name(tag);
    const std::size_t size = object.value.size();
    if (size < info->min_length || size > info->max_length)
      app.find("data.length", std::string(info->name) + " has " + std::to_string(size) + " bytes",
               place);
    else if (!format_holds(info->format, object.value))
      app.find("data.format", std::string(info->name) + " is not in its format", place);
  }
}

std::optional<emvcrypto::Date> date_of(const ApplicationVisit& app, emvcrypto::Tag tag) {
  return emvcrypto::parse_yymmdd(emvcrypto::to_hex(app.data.get(tag)));
}

void check_dates(ApplicationVisit& app) {
  const auto today = app.card.request.profile.date;
  for (const auto tag : {tags::kExpiry, tags::kEffective})
    if (app.data.has(tag) && !date_of(app, tag))
      app.find("data.format", "it is no date", "tag " + emvcrypto::tag_name(tag));
  const auto expiry = date_of(app, tags::kExpiry);
  const auto effective = date_of(app, tags::kEffective);
  if (expiry && *expiry < today) app.find("data.expired", "it expired on " + expiry->iso());
  if (effective && today < *effective)
    app.find("data.expired", "it becomes effective on " + effective->iso());
}

/// Track 2 equivalent data begins with PAN, D, YYMM (Book 3, A1).
void check_track2(ApplicationVisit& app, const std::string& pan) {
  if (!app.data.has(tags::kTrack2)) return;
  const std::string track = emvcrypto::to_hex(app.data.get(tags::kTrack2));
  const auto separator = track.find('D');
  if (separator == std::string::npos || track.substr(0, separator) != pan)
    app.find("data.track2", "its PAN is not that of 5A", "tag 57");
  else if (const auto expiry = emvcrypto::to_hex(app.data.get(tags::kExpiry)).substr(0, 4);
           track.substr(separator + 1, 4) != expiry)
    app.find("data.track2", "its expiry is not that of 5F24", "tag 57");
}

}  // namespace

void check_data(ApplicationVisit& app) {
  for (const auto tag : kMandatory)
    if (!app.data.has(tag))
      app.find("data.mandatory", emvcrypto::tag_name(tag) + " is in none of the records");
  check_formats(app);
  check_dates(app);
  const std::string pan = app.data.pan();
  if (pan.empty()) return;
  app.report.masked_pan = emvcrypto::mask_pan(pan);
  app.report.psn = app.data.psn();
  if (!emvcrypto::luhn_valid(pan)) app.find("data.luhn", "PAN " + app.report.masked_pan);
  check_track2(app, pan);
}

}  // namespace kpd::tester
